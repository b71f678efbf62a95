import type { SharedResource } from '../cluster/resource.js';
import type { Machine } from '../host/machine.js';
import { loadShared, saveShared, type SharedEntry } from '../state/shared.js';

const IP_FORWARD = 'net/ipv4/ip_forward';

/**
 * Makes what clusters share as far as it is not there, and counts the cluster as its user: on disk first, then done.
 * Under the machine's lock.
 */
export async function useShared(
  machine: Machine,
  clusterId: string,
  needs: { readonly forwarding: boolean },
): Promise<void> {
  const known = await loadShared(machine);
  const fresh = [...missingParents(machine, known), ...missingForwarding(machine, known, needs.forwarding)];
  const entries = [...known, ...fresh.map((resource) => ({ resource, users: [] }))].map((entry) =>
    isNeeded(entry.resource, needs.forwarding) ? { ...entry, users: [...entry.users, clusterId] } : entry,
  );
  await saveShared(machine, entries);
  // All, not the fresh alone: after a reboot what was recorded is not there.
  for (const { resource } of entries) if (isNeeded(resource, needs.forwarding)) await make(machine, resource);
}

/** Takes the cluster from the users; what nobody uses any more is put back. Under the machine's lock. */
export async function leaveShared(machine: Machine, clusterId: string): Promise<void> {
  const entries = (await loadShared(machine)).map((entry) => ({
    ...entry,
    users: entry.users.filter((user) => user !== clusterId),
  }));
  for (const { resource } of entries.filter(({ users }) => users.length === 0)) await putBack(machine, resource);
  await saveShared(
    machine,
    entries.filter(({ users }) => users.length > 0),
  );
}

function isNeeded(resource: SharedResource, forwarding: boolean): boolean {
  return resource.kind === 'parent-directory' || forwarding;
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

function missingForwarding(
  machine: Machine,
  known: readonly SharedEntry[],
  needed: boolean,
): readonly SharedResource[] {
  if (!needed || known.some(({ resource }) => resource.kind === 'sysctl' && resource.key === IP_FORWARD)) return [];
  const before = machine.files.read(sysctlFile(machine, IP_FORWARD))?.trim() ?? '1';
  return before === '1' ? [] : [{ kind: 'sysctl', key: IP_FORWARD, before }];
}

async function make(machine: Machine, resource: SharedResource): Promise<void> {
  if (resource.kind === 'sysctl') await machine.files.writeKernel(sysctlFile(machine, resource.key), '1');
  else if (resource.path !== machine.roots.netns) await machine.files.mkdirAll(resource.path);
}

async function putBack(machine: Machine, resource: SharedResource): Promise<void> {
  if (resource.kind === 'sysctl') {
    const file = sysctlFile(machine, resource.key);
    // Where it could not be set it can't be put back, and need not be.
    if (machine.files.read(file)?.trim() !== resource.before) await machine.files.writeKernel(file, resource.before);
    return;
  }
  const inUse = (await machine.files.list(resource.path)).length > 0;
  if (inUse || !machine.files.exists(resource.path)) return;
  // `ip netns` bind-mounts its directory on itself, to share mounts with the namespaces.
  if (resource.path === machine.roots.netns) await machine.run(['umount', resource.path], { allowFailure: true });
  await machine.files.removeEmpty(resource.path);
}

function sysctlFile(machine: Machine, key: string): string {
  return `${machine.roots.proc}/sys/${key}`;
}
