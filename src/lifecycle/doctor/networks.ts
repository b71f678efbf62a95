import type { Cluster } from '../../cluster/cluster.js';
import { tableName } from '../../cluster/names.js';
import type { Machine } from '../../host/machine.js';
import { forwards, setForwarding } from '../../network/forwarding.js';
import { readGuard } from '../../network/guard.js';
import { observeNetwork } from '../../network/observe.js';
import { ruleset } from '../../network/ruleset.js';
import { clusterDirectory, loadCluster, loadClusters } from '../../state/clusters.js';
import { underMachineLock } from '../context.js';
import { lockCluster } from '../remove.js';
import { guardedUplinks, renewGuard, useShared } from '../shared.js';
import { ok, unseen, warning, type Check } from './diagnosis.js';
import { fixAll, type Fault, type Fixed } from './fix.js';
import { FIX } from './remnant.js';
import { isIdle } from './stranded.js';
import type { Survey } from './survey.js';

const NAME = 'cluster networks';

/** What somebody else took away from the networks of clusters: rules, by loading a firewall anew; forwarding. */
export async function checkNetworks({ machine }: Survey): Promise<readonly Check[]> {
  if (!machine.isRoot) return [unseen(NAME)];
  const faults = [...(await findInGuard(machine)), ...(await findInClusters(machine))];
  return faults.length === 0 ? [ok(NAME, 'as they were made')] : faults.map(({ found }) => warning(NAME, found, FIX));
}

/** The guard first: what is forgotten there is turned off, and then on again for the clusters that need it. */
export async function mendNetworks(machine: Machine): Promise<readonly Fixed[]> {
  return [await mendAll(findInGuard(machine)), await mendAll(findInClusters(machine))];
}

/** A look that throws is told by the check that comes afterwards. */
async function mendAll(faults: Promise<readonly Fault[]>): Promise<Fixed> {
  return fixAll('not mended', await faults.catch(() => []));
}

async function findInClusters(machine: Machine): Promise<readonly Fault[]> {
  const clusters = await loadClusters(machine);
  return (await Promise.all(clusters.map((cluster) => findInCluster(machine, cluster)))).flat();
}

async function findInCluster(machine: Machine, cluster: Cluster): Promise<readonly Fault[]> {
  const lost = await lossesOf(machine, cluster);
  if (lost.length === 0 || !(await isIdle(machine, clusterDirectory(machine, cluster.name)))) return [];
  return [{ found: `'${cluster.name}': ${lost.join('; ')}`, fix: () => mend(machine, cluster) }];
}

/** In words; a cluster without a bridge does not run, and has nothing to lose. */
async function lossesOf(machine: Machine, { name, phase, network }: Cluster): Promise<readonly string[]> {
  const { bridge, uplinks } = network;
  if (phase !== 'created' || forwards(machine, bridge) === null) return [];
  const { tables } = await observeNetwork(machine);
  const closed = uplinks.length === 0 ? [] : [bridge, ...uplinks].filter((link) => forwards(machine, link) === false);
  return [
    ...(tables.includes(tableName(name))
      ? []
      : [`its nft table ${tableName(name)} is gone, and with it what keeps others out`]),
    ...(closed.length === 0 ? [] : [`its nodes do not get out: forwarding was turned off on ${closed.join(', ')}`]),
  ];
}

/** Under the cluster's lock nobody destroys it, or has it destroyed meanwhile. */
async function mend(machine: Machine, { id, name }: Cluster): Promise<void> {
  const lock = await lockCluster(machine, name);
  try {
    const cluster = await loadCluster(machine, name);
    const { tables } = await observeNetwork(machine);
    if (cluster.id !== id) return;
    if (!tables.includes(tableName(name))) await machine.run(['nft', '-f', '-'], { input: ruleset(cluster) });
    if (cluster.network.uplinks.length > 0) await openWayOut(machine, cluster);
  } finally {
    await lock.release();
  }
}

async function openWayOut(machine: Machine, { id, network }: Cluster): Promise<void> {
  await setForwarding(machine, network.bridge, true);
  await underMachineLock(machine, () => useShared(machine, id, network.uplinks));
}

/** Under the machine's lock, as those are who change it. */
async function findInGuard(machine: Machine): Promise<readonly Fault[]> {
  const [wanted, guarded] = await underMachineLock(machine, async () => [
    await guardedUplinks(machine),
    await readGuard(machine),
  ]);
  const open = wanted.filter((link) => !guarded.includes(link));
  const surplus = guarded.filter((link) => !wanted.includes(link));
  return [
    ...(open.length === 0
      ? []
      : [
          `${TABLE} is gone, or lacks ${open.join(', ')}: what comes in there is routed to other networks of the machine`,
        ]),
    ...(surplus.length === 0
      ? []
      : [`${TABLE} drops what comes in by ${surplus.join(', ')} for other networks, and clusters no longer need that`]),
  ].map((found) => ({ found, fix: () => renewGuard(machine) }));
}

const TABLE = 'the nft table ip dbns';
