import { topologyNamed } from '../topologies/registry.js';
import type { Scalar, StatusColumn } from '../topologies/topology.js';

export type { Scalar, StatusColumn };

/** The columns that a topology adds to the table of nodes. */
export function columnsOf(topology: string): readonly StatusColumn[] {
  return topologyNamed(topology).columns;
}
