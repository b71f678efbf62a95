import type { Cluster } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { loadClusters } from '../../state/clusters.js';
import { loadShared, type SharedEntry } from '../../state/shared.js';
import { underMachineLock } from '../context.js';
import { leaveShared } from '../shared.js';
import { lookAmongClusters } from './among-clusters.js';
import { FIX, type Remnant } from './remnant.js';

/** Things that are kept on the machine for clusters that are gone. */
export async function findStaleUsers(machine: Machine): Promise<readonly Remnant[]> {
  const { seen, known } = await lookAmongClusters(machine, () => loadShared(machine));
  const stale = staleUsers(seen, known);
  if (stale.length === 0) return [];
  const things = seen
    .filter(({ users }) => isStale(users, stale))
    .map(({ resource }) => (resource.kind === 'sysctl' ? resource.key : resource.path));
  return [
    { found: `kept for clusters that are gone: ${things.join(', ')}`, advice: FIX, remove: () => forget(machine) },
  ];
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
    for (const user of staleUsers(loadShared(machine), await loadClusters(machine))) await leaveShared(machine, user);
  });
}
