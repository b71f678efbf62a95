import { isCommand, type Attached, type Cluster } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
import { findServers, isSame } from '../process/find.js';

/** What of a cluster's attached programs has ended, or was never wholly attached. Under the cluster's lock. */
export function endedIn(machine: Machine, { attached }: Pick<Cluster, 'attached'>): readonly Attached[] {
  return attached.filter((host) => host.phase !== 'added' || !isThere(machine, host));
}

/** Whether a program, or the namespace that is attached, is the one that it was. */
export function isThere(machine: Machine, { namespace, origin }: Attached): boolean {
  switch (origin.kind) {
    case 'process':
      return isSame(machine, origin.process);
    case 'netns':
      return machine.files.stat(`${machine.roots.netns}/${origin.netns}`)?.inode === origin.inode;
    case 'command':
      return (findServers(machine, [namespace]).get(namespace)?.pid ?? null) !== null;
  }
}

/** Its first process that is known. */
export function pidOf(machine: Machine, host: Attached): number | null {
  if (isCommand(host)) return findServers(machine, [host.namespace]).get(host.namespace)?.pid ?? null;
  return host.origin.kind === 'process' ? host.origin.process.pid : null;
}
