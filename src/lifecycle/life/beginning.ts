import type { Cluster } from '../../cluster/cluster.js';
import type { Sources } from '../data-directories.js';

/** How nodes begin anew. */
export interface Beginning {
  readonly sources: Sources;
  /** Starts servers that have their data by now, and returns when they are a cluster. */
  form(cluster: Cluster): Promise<void>;
}
