import { cameUp, type Cluster } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { isBroken, readCreated } from '../../state/clusters.js';
import { requireRoot } from '../context.js';
import { faultsNow } from '../ground/fault-view.js';
import { ensureKeeper } from '../keeping/keeper.js';
import { dropLost } from '../removal/lost.js';
import { selectCluster } from '../select.js';
import type { FaultView } from '../view.js';

/** The faults of a cluster. */
export interface ClusterFaults {
  readonly cluster: string;
  readonly faults: readonly FaultView[];
}

/**
 * The faults in force, of one cluster or of all.
 * @throws MachineError without root, for the kernel counts what they take; NotFoundError.
 */
export async function listFaults(machine: Machine, name?: string): Promise<readonly ClusterFaults[]> {
  requireRoot(machine, 'fault list');
  await dropLost(machine);
  const clusters = name === undefined ? await loadCreated(machine) : [await selectCluster(machine, name)];
  return Promise.all(
    clusters.map(async (cluster) => {
      if (cameUp(cluster)) await ensureKeeper(machine, cluster.name);
      return { cluster: cluster.name, faults: await faultsNow(machine, cluster) };
    }),
  );
}

async function loadCreated(machine: Machine): Promise<readonly Cluster[]> {
  return (await readCreated(machine)).flatMap((saved) => (isBroken(saved) ? [] : [saved]));
}
