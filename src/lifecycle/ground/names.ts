import { hostsOf, type Cluster } from '../../cluster/cluster.js';
import type { Rules } from '../../cluster/rules.js';
import type { Machine } from '../../host/machine.js';
import { hostsStep, netnsEtcDirectory } from '../../network/hosts.js';
import { isBroken, loadCluster, nullWhenGone, readCluster } from '../../state/clusters.js';
import { loadRules } from '../../state/rules.js';
import { applyPlan } from '../apply.js';
import { writeBorrowedNames } from './borrowed-names.js';
import { underRulesLock } from './rules-lock.js';

/** The clusters that one is linked with. */
export async function neighboursOf(machine: Machine, { links }: Rules): Promise<readonly Cluster[]> {
  const found = await Promise.all(
    links.map(async ({ cluster, stem }) => {
      const saved = await readCluster(machine, cluster);
      return saved === null || isBroken(saved) || saved.network.stem !== stem ? [] : [saved];
    }),
  );
  return found.flat();
}

/**
 * Writes who is there to where hosts look names up. After a reboot there is nothing to write to: the next start writes all.
 */
export async function writeNames(machine: Machine, cluster: Cluster): Promise<void> {
  const neighbours = await neighboursOf(machine, loadRules(machine, cluster.name));
  const there = hostsOf(cluster).filter((host) => machine.files.exists(netnsEtcDirectory(machine, host)));
  const plan = { parallel: there.map((host) => hostsStep(machine, cluster, host, neighbours)) };
  await applyPlan(plan, { machine, observer: {}, signal: new AbortController().signal, deadline: Infinity });
  await writeBorrowedNames(machine, cluster, neighbours);
}

/** Writes the names anew in clusters that one is linked with, each by what is saved of it: it takes one lock after another. */
export async function tellNeighbours(machine: Machine, name: string): Promise<void> {
  for (const { name: neighbour } of await neighboursOf(machine, loadRules(machine, name))) {
    const renew = async () => writeNames(machine, await loadCluster(machine, neighbour));
    // One that is destroyed meanwhile needs no names.
    await underRulesLock(machine, neighbour, renew).catch(nullWhenGone);
  }
}
