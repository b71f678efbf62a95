import type { Cluster } from '../cluster/cluster.js';

/** One rule: as nft reads it, and what it does, in a sentence. */
export interface Rule {
  readonly nft: string;
  readonly means: string;
}

/** A set of a cluster's table, or a counter, as nft reads it. */
export interface TableObject {
  readonly kind: 'set' | 'counter';
  readonly name: string;
  readonly body: readonly string[];
}

/** A base chain of a cluster's table. */
export interface Chain {
  readonly name: string;
  /** Where packets come by it, as nft reads it. */
  readonly hook: string;
  readonly rules: readonly Rule[];
}

/** What rules are made of. */
export type Ruled = Pick<Cluster, 'network' | 'nodes' | 'companions' | 'attached'>;
