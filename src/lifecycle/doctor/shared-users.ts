import type { Cluster } from '../../cluster/cluster.js';
import type { SharedResource } from '../../cluster/resource.js';
import type { Machine } from '../../host/machine.js';
import { isBroken, readClusters, type SavedCluster } from '../../state/clusters.js';
import { loadShared, saveShared, sharedDamage, type SharedEntry } from '../../state/shared.js';
import { underMachineLock } from '../context.js';
import { leaveShared } from '../ground/shared.js';
import { lookAmongClusters } from './among-clusters.js';
import { FIX, type Remnant } from './remnant.js';

/** Things that are kept on the machine for clusters that are gone. */
export async function findStaleUsers(machine: Machine): Promise<readonly Remnant[]> {
  const { seen, known } = await lookAmongClusters(machine, () => loadShared(machine));
  const stale = staleAmong(seen, known);
  if (stale.length === 0) return [];
  const things = seen.filter(({ users }) => isStale(users, stale)).map(({ resource }) => titleOf(resource));
  return [
    { found: `kept for clusters that are gone: ${things.join(', ')}`, advice: FIX, remove: () => forget(machine) },
  ];
}

/** While a cluster is broken nobody knows whether a user is that one. */
function staleAmong(entries: readonly SharedEntry[], known: readonly SavedCluster[]): readonly string[] {
  const whole = known.flatMap((saved) => (isBroken(saved) ? [] : [saved]));
  return whole.length < known.length ? [] : staleUsers(entries, whole);
}

function titleOf(resource: SharedResource): string {
  switch (resource.kind) {
    case 'uplink':
      return `the forwarding of ${resource.link}`;
    case 'sysctl':
      return resource.key;
    case 'parent-directory':
      return resource.path;
  }
}

function isStale(users: readonly string[], stale: readonly string[]): boolean {
  return users.length === 0 || users.some((user) => stale.includes(user));
}

/** Users that are no cluster's id; nobody stands for a thing that has no user at all. */
export function staleUsers(
  entries: readonly SharedEntry[],
  clusters: readonly Pick<Cluster, 'id'>[],
): readonly string[] {
  const users = entries.flatMap((entry) => (entry.users.length === 0 ? [NOBODY] : entry.users));
  return [...new Set(users)].filter((user) => !clusters.some(({ id }) => id === user));
}

const NOBODY = 'nobody';

async function forget(machine: Machine): Promise<void> {
  await underMachineLock(machine, async () => {
    const stale = staleAmong(await loadShared(machine), await readClusters(machine));
    for (const user of stale) await leaveShared(machine, user);
  });
}

/** The journal of what clusters share, when it can't be read. What it said of the directories is made again. */
export function findSharedDamage(machine: Machine): Promise<readonly Remnant[]> {
  const why = sharedDamage(machine);
  if (why === null) return Promise.resolve([]);
  const found = `${why} What the machine's forwarding was before its clusters is lost: it stays as it is`;
  return Promise.resolve([{ found, advice: FIX, remove: () => mend(machine) }]);
}

async function mend(machine: Machine): Promise<void> {
  await underMachineLock(machine, async () => {
    await saveShared(machine, await loadShared(machine));
  });
}
