import type { Cluster } from '../../cluster/cluster.js';
import { DEFAULT_POOL, parsePool, type Subnet } from '../../cluster/subnet.js';
import type { Machine } from '../../host/machine.js';
import { observeNetwork, type NetworkObservation } from '../../network/observe.js';
import { loadClusters } from '../../state/clusters.js';

/** The machine, and what several checks want to know of it: looked at once. */
export interface Survey {
  readonly machine: Machine;
  readonly network: () => Promise<NetworkObservation>;
  /** What networks are taken from. */
  readonly pool: Subnet;
  readonly clusters: () => Promise<readonly Cluster[]>;
}

export function surveyOf(machine: Machine, pool: Subnet = parsePool(DEFAULT_POOL)): Survey {
  return {
    ...{ machine, pool },
    network: once(() => observeNetwork(machine)),
    clusters: once(() => loadClusters(machine)),
  };
}

function once<T>(look: () => Promise<T>): () => Promise<T> {
  let seen: Promise<T> | null = null;
  return () => (seen ??= look());
}
