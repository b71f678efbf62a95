import type { FamilyName } from '../../cluster/family.js';
import type { SharedResource } from '../../cluster/resource.js';
import type { Machine } from '../../host/machine.js';
import { isClosed, isRouter, setForwarding } from '../../network/forwarding.js';
import { guardUplinks, readGuard } from '../../network/guard.js';
import { loadClusters } from '../../state/clusters.js';
import { loadShared, saveShared, sharedDamage, type SharedEntry } from '../../state/shared.js';
import { underMachineLock } from '../context.js';

/**
 * Makes what clusters share as far as it is not there, and counts the cluster as its user: on disk first, then done.
 * Under the machine's lock; again for the same cluster it mends.
 */
export async function useShared(
  machine: Machine,
  clusterId: string,
  uplinks: readonly string[],
  families: readonly FamilyName[] = ['ip'],
): Promise<void> {
  const before = await readJournal(machine);
  const known = stillOurs(machine, before);
  const fresh = [...missingParents(machine, known), ...closedUplinks(machine, known, uplinks, families)];
  const entries = [...known, ...fresh.map((resource) => ({ resource, users: [] }))].map((entry) =>
    isNeeded(entry.resource, uplinks, families)
      ? { ...entry, users: [...new Set([...entry.users, clusterId])] }
      : entry,
  );
  await saveShared(machine, entries);
  for (const family of FAMILIES)
    if (uplinksIn([...before, ...entries], family).length > 0)
      await guardUplinks(machine, family, uplinksIn(entries, family));
  // All, not the fresh alone: after a reboot what was recorded is not there.
  for (const { resource } of entries) if (isNeeded(resource, uplinks, families)) await make(machine, resource);
}

/** Takes the cluster from the users; what nobody uses any more is put back. Under the machine's lock. */
export async function leaveShared(machine: Machine, clusterId: string): Promise<void> {
  const before = await readJournal(machine);
  const entries = stillOurs(machine, before).map((entry) => ({
    ...entry,
    users: entry.users.filter((user) => user !== clusterId),
  }));
  for (const { resource } of entries.filter(({ users }) => users.length === 0)) await putBack(machine, resource);
  const left = entries.filter(({ users }) => users.length > 0);
  for (const family of FAMILIES)
    if (uplinksIn(left, family).join() !== uplinksIn(before, family).join())
      await guardUplinks(machine, family, uplinksIn(left, family));
  await saveShared(machine, left);
}

/**
 * Whoever turns `ip_forward` on, or its like of IPv6, makes the machine a router: the forwarding of its uplinks is theirs from then on, and
 * nothing is dropped any more. No rule sees that happen, so whatever looks at clusters looks at it too. Needs root.
 */
export async function yieldUplinks(machine: Machine): Promise<void> {
  const entries = await loadShared(machine);
  if (stillOurs(machine, entries).length < entries.length) await renewGuard(machine);
}

/** Makes the guard what the journal says that it is. Needs root. */
export async function renewGuard(machine: Machine): Promise<void> {
  await underMachineLock(machine, async () => {
    const entries = stillOurs(machine, await loadShared(machine));
    for (const family of FAMILIES) {
      const uplinks = uplinksIn(entries, family);
      // A journal that was lost has left them on.
      const forgotten = (await readGuard(machine, family)).filter((link) => !uplinks.includes(link));
      if (!isRouter(machine, family)) for (const link of forgotten) await setForwarding(machine, link, false, family);
      await guardUplinks(machine, family, uplinks);
    }
    await saveShared(machine, entries);
  });
}

/** The uplinks that are to be guarded from what comes in by a family of addresses. */
export async function guardedUplinks(machine: Machine, family: FamilyName): Promise<readonly string[]> {
  return uplinksIn(stillOurs(machine, await loadShared(machine)), family);
}

/** Each has its own switches, and its own guard. */
export const FAMILIES: readonly FamilyName[] = ['ip', 'ip6'];

/** The journal; where it is damaged, with the uplinks that the guard still names, of which all clusters are users. */
async function readJournal(machine: Machine): Promise<readonly SharedEntry[]> {
  const entries = await loadShared(machine);
  if (sharedDamage(machine) === null) return entries;
  const users = (await loadClusters(machine)).map(({ id }) => id);
  const guarded = FAMILIES.map(async (family) =>
    (await readGuard(machine, family))
      .filter((link) => !uplinksIn(entries, family).includes(link))
      .map((link) => ({ resource: { kind: 'uplink' as const, family, link, router: false }, users })),
  );
  return [...entries, ...(await Promise.all(guarded)).flat()];
}

function uplinksIn(entries: readonly SharedEntry[], family: FamilyName): readonly string[] {
  return entries.flatMap(({ resource }) =>
    resource.kind === 'uplink' && resource.family === family ? [resource.link] : [],
  );
}

/** Without uplinks that have become another router's, and an `ip_forward` that somebody has put back already. */
function stillOurs(machine: Machine, entries: readonly SharedEntry[]): readonly SharedEntry[] {
  return entries.filter(({ resource }) => {
    if (resource.kind === 'uplink') return !isRouter(machine, resource.family) || resource.router;
    return (
      resource.kind !== 'sysctl' || machine.files.read(sysctlFile(machine, resource.key))?.trim() !== resource.before
    );
  });
}

/** Where an older dbns turned `ip_forward` on, uplinks are open by it: who comes later leans on it too. */
function isNeeded(resource: SharedResource, uplinks: readonly string[], families: readonly FamilyName[]): boolean {
  switch (resource.kind) {
    case 'parent-directory':
      return true;
    case 'uplink':
      return uplinks.includes(resource.link) && families.includes(resource.family);
    case 'sysctl':
      return uplinks.length > 0;
  }
}

function missingParents(machine: Machine, known: readonly SharedEntry[]): readonly SharedResource[] {
  const { run, netns, netnsEtc } = machine.roots;
  return [run, netns, netnsEtc]
    .filter(
      (path) =>
        !machine.files.exists(path) &&
        !known.some(({ resource }) => resource.kind === 'parent-directory' && resource.path === path),
    )
    .map((path) => ({ kind: 'parent-directory', path }));
}

function closedUplinks(
  machine: Machine,
  known: readonly SharedEntry[],
  uplinks: readonly string[],
  families: readonly FamilyName[],
): readonly SharedResource[] {
  return families.flatMap((family) => {
    const router = isRouter(machine, family);
    return uplinks
      .filter((link) => !uplinksIn(known, family).includes(link) && isClosed(machine, link, family))
      .map((link) => ({ kind: 'uplink' as const, family, link, router }));
  });
}

async function make(machine: Machine, resource: SharedResource): Promise<void> {
  if (resource.kind === 'uplink') await setForwarding(machine, resource.link, true, resource.family);
  else if (resource.kind === 'parent-directory' && resource.path !== machine.roots.netns)
    await machine.files.mkdirAll(resource.path);
}

async function putBack(machine: Machine, resource: SharedResource): Promise<void> {
  switch (resource.kind) {
    case 'uplink':
      return setForwarding(machine, resource.link, false, resource.family);
    case 'sysctl':
      return machine.files.writeKernel(sysctlFile(machine, resource.key), resource.before);
    case 'parent-directory':
      return removeParent(machine, resource.path);
  }
}

async function removeParent(machine: Machine, path: string): Promise<void> {
  const inUse = (await machine.files.list(path)).length > 0;
  if (inUse || !machine.files.exists(path)) return;
  // `ip netns` bind-mounts its directory on itself, to share mounts with the namespaces.
  if (path === machine.roots.netns) await machine.run(['umount', path], { allowFailure: true });
  await machine.files.removeEmpty(path);
}

function sysctlFile(machine: Machine, key: string): string {
  return `${machine.roots.proc}/sys/${key}`;
}
