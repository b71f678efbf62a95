import type { Cluster } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';

/** A cluster whose servers are asked how they are. */
export interface Asked {
  readonly machine: Machine;
  readonly cluster: Cluster;
  /** Of the account `dbns`; empty in a dry run. */
  readonly password: string;
}
