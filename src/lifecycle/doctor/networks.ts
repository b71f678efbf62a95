import { cameUp, type Cluster } from '../../cluster/cluster.js';
import { familyNames, type FamilyName } from '../../cluster/family.js';
import { tableName } from '../../cluster/names.js';
import type { Machine } from '../../host/machine.js';
import { isClosed, setForwarding } from '../../network/forwarding.js';
import { readGuard } from '../../network/guard.js';
import { insidesThere, ownInsides } from '../../network/insides.js';
import { tableStates } from '../../network/table-state.js';
import { clusterDirectory, loadCluster, loadClusters } from '../../state/clusters.js';
import { loadRules } from '../../state/rules.js';
import { takingsIn } from '../ground/takings.js';
import { renewRules } from '../ground/change-rules.js';
import { forwardsFor } from '../ground/ground.js';
import { underMachineLock } from '../context.js';
import { lockCluster } from '../lock.js';
import { FAMILIES, guardedUplinks, renewGuard, useShared } from '../ground/shared.js';
import { ok, unseen, warning, type Check } from './diagnosis.js';
import { fixAll, type Fault, type Fixed } from './fix.js';
import { FIX } from './remnant.js';
import { isIdle } from './stranded.js';
import type { Survey } from './survey.js';

const NAME = 'cluster networks';

/** The name of the checks that say what could not be mended. */
export const NOT_MENDED = 'not mended';

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
  return fixAll(NOT_MENDED, await faults.catch(() => []));
}

async function findInClusters(machine: Machine): Promise<readonly Fault[]> {
  const clusters = await loadClusters(machine);
  const looked = await Promise.all(
    clusters.map(async (cluster) => ({ cluster, lost: await lossesOf(machine, cluster) })),
  );
  const idle = await Promise.all(
    looked
      .filter(({ lost }) => lost.length > 0)
      .map(async (each) => ((await isIdle(machine, clusterDirectory(machine, each.cluster.name))) ? each : [])),
  );
  return idle.flat().map(({ cluster, lost }) => ({
    found: `'${cluster.name}': ${lost.join('; ')}`,
    fix: () => mend(machine, cluster),
  }));
}

/** In words; a cluster whose network does not stand does not run, and has nothing to lose. */
async function lossesOf(machine: Machine, cluster: Cluster): Promise<readonly string[]> {
  const { name, network } = cluster;
  const insides = insidesThere(machine, cluster);
  if (!cameUp(cluster) || insides.length === 0) return [];
  const rules = loadRules(machine, name);
  // By family: a table of the bridge has the same name.
  const states = [...(await tableStates(machine, cluster, rules, await takingsIn(machine, cluster, rules))).values()];
  const needed = [...(forwardsFor(cluster, rules) ? ownInsides(network, insides) : []), ...network.uplinks];
  const closed = needed.filter((link) => familyNames(network).some((family) => isClosed(machine, link, family)));
  return told([
    [
      states.includes('missing') ? [tableName(name)] : [],
      (table) => `its nft table ${table} is gone, and with it what keeps others out`,
    ],
    [closed, (links) => `its nodes do not get out: forwarding was turned off on ${links}`],
  ]);
}

/** A sentence for each list that has anything in it. */
function told(lists: readonly (readonly [readonly string[], (names: string) => string])[]): readonly string[] {
  return lists.flatMap(([names, sentence]) => (names.length === 0 ? [] : [sentence(names.join(', '))]));
}

/** Under the cluster's lock nobody destroys it, or has it destroyed meanwhile. */
async function mend(machine: Machine, { id, name }: Cluster): Promise<void> {
  const lock = await lockCluster(machine, name);
  try {
    const cluster = await loadCluster(machine, name);
    if (cluster.id !== id) return;
    await renewRules(machine, name);
    if (cluster.network.uplinks.length > 0) await openWayOut(machine, cluster);
  } finally {
    await lock.release();
  }
}

async function openWayOut(machine: Machine, cluster: Cluster): Promise<void> {
  const families = familyNames(cluster.network);
  for (const link of insidesThere(machine, cluster))
    for (const family of families) await setForwarding(machine, link, true, family);
  await underMachineLock(machine, () => useShared(machine, cluster.id, cluster.network.uplinks, families));
}

/** What is seen is looked at once more under the machine's lock, as those have who change it. */
async function findInGuard(machine: Machine): Promise<readonly Fault[]> {
  if ((await gapsInGuard(machine)).length === 0) return [];
  const gaps = await underMachineLock(machine, () => gapsInGuard(machine));
  return gaps.map((found) => ({ found, fix: () => renewGuard(machine) }));
}

async function gapsInGuard(machine: Machine): Promise<readonly string[]> {
  return (await Promise.all(FAMILIES.map((family) => gapsOf(machine, family)))).flat();
}

async function gapsOf(machine: Machine, family: FamilyName): Promise<readonly string[]> {
  const wanted = await guardedUplinks(machine, family);
  const guarded = await readGuard(machine, family);
  const table = `the nft table ${family} dbns`;
  return told([
    [
      wanted.filter((link) => !guarded.includes(link)),
      (links) => `${table} is gone, or lacks ${links}: what comes in there is routed to other networks of the machine`,
    ],
    [
      guarded.filter((link) => !wanted.includes(link)),
      (links) => `${table} drops what comes in by ${links} for other networks, and clusters no longer need that`,
    ],
  ]);
}
