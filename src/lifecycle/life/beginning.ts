import type { Cluster } from '../../cluster/cluster.js';
import type { Context } from '../context.js';
import type { Sources } from '../data-directories.js';

/** Until when servers must be ready, ms since the epoch. */
export type Limited = Context & { readonly deadline: number };

/** How nodes begin anew. */
export interface Beginning {
  readonly sources: Sources;
  /** Starts servers that have their data by now, and returns when they are a cluster. */
  form(cluster: Cluster): Promise<void>;
}
