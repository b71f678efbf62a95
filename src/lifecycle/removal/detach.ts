import { cameUp, type Attached, type Cluster } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { giveBack } from '../../network/allocate.js';
import { isBroken, loadCluster, nullWhenGone, readClusters, saveCluster } from '../../state/clusters.js';
import { clusterDirectory } from '../../state/places.js';
import { noteUnfinished } from '../../state/rules.js';
import { endedIn } from '../attached.js';
import { removeBorrowedNames } from '../ground/borrowed-names.js';
import { renewRules } from '../ground/change-rules.js';
import { writeNames } from '../ground/names.js';
import { removeThingsOf } from './remove-nodes.js';

/**
 * Takes what is attached off the network, as it was found; what dbns started is killed. Its log stays. Each step may be done
 * again: whoever takes up one that was cut short goes through all of them. Under the cluster's lock.
 * @throws LeftoverError.
 */
export async function takeOff(machine: Machine, cluster: Cluster, host: Attached): Promise<Cluster> {
  const others = cluster.attached.filter(({ name }) => name !== host.name);
  await saveCluster(machine, { ...cluster, attached: [...others, { ...host, phase: 'removing' }] });
  await removeBorrowedNames(machine, cluster, host);
  await removeThingsOf(machine, cluster, [host]);
  const left: Cluster = { ...cluster, attached: others, network: giveBack(cluster.network, [host.address]) };
  await writeNames(machine, left);
  await noteUnfinished(machine, left.name);
  await saveCluster(machine, left);
  await renewRules(machine, left.name);
  return left;
}

/** Takes off what has ended since somebody looked last. Under the cluster's lock. */
export async function takeOffEnded(machine: Machine, cluster: Cluster): Promise<Cluster> {
  if (!cameUp(cluster)) return cluster;
  let left = cluster;
  for (const host of endedIn(machine, cluster)) left = await takeOff(machine, left, host);
  return left;
}

/** The same in all clusters at which nobody is at work: who is takes it off, or the next one who looks. */
export async function takeOffAllEnded(machine: Machine): Promise<void> {
  for (const saved of await readClusters(machine)) {
    if (isBroken(saved) || endedIn(machine, saved).length === 0) continue;
    const lock = await machine.lock(clusterDirectory(machine, saved.name)).catch(nullWhenGone);
    if (lock === null) continue;
    try {
      await takeOffEnded(machine, await loadCluster(machine, saved.name));
    } finally {
      await lock.release();
    }
  }
}
