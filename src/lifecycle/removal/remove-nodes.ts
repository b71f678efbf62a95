import path from 'node:path';
import { isBorrowed, type Cluster, type Host, type Program } from '../../cluster/cluster.js';
import type { Resource } from '../../cluster/resource.js';
import type { Machine } from '../../host/machine.js';
import { netnsEtcDirectory } from '../../network/hosts.js';
import { portResources } from '../../network/lan/open-vswitch.js';
import { removeLink } from '../../network/remove.js';
import { takeFromJournal } from '../../state/clusters.js';
import { loadProcesses } from '../../state/processes.js';
import { underMachineLock } from '../context.js';
import { leftoverError, removeAll } from '../leftover.js';
import { undo } from './undo.js';

/** A host, and its files if it has any. */
type Leaver = Host & Partial<Pick<Program, 'directory' | 'socket'>>;

/** What a host alone has: by its namespace's name each is known as its own. */
function resourcesOf(machine: Machine, { network }: Cluster, nodes: readonly Leaver[]): readonly Resource[] {
  return [
    ...portResources(network, nodes),
    ...nodes.map((node) => ({ kind: 'directory' as const, path: netnsEtcDirectory(machine, node) })),
    ...nodes.map(({ namespace }) => ({ kind: 'netns' as const, name: namespace })),
    ...nodes.filter((host) => !isBorrowed(host)).map(({ namespace }) => ({ kind: 'processes' as const, namespace })),
  ];
}

/**
 * Removes all that hosts have on the machine, and nothing of the others: processes, namespace, link, files, data. Under the
 * cluster's lock; absent means done.
 * @throws LeftoverError naming what could not be removed.
 */
export async function removeThingsOf(machine: Machine, cluster: Cluster, nodes: readonly Leaver[]): Promise<void> {
  const resources = resourcesOf(machine, cluster, nodes);
  const processes = loadProcesses(machine, cluster.name);
  const recorded = nodes.flatMap(({ name }) => processes[name] ?? []);
  const leftovers = [...(await undo(machine, cluster.id, resources, recorded))];
  if (leftovers.length === 0) {
    for (const { link } of nodes) await removeLink(machine, link);
    const paths = nodes.flatMap(({ directory, socket }) => [
      ...(directory === undefined ? [] : [directory]),
      ...(socket === undefined ? [] : [path.dirname(socket)]),
    ]);
    leftovers.push(...(await removeAll(machine, paths)));
  }
  if (leftovers.length > 0) {
    const names = nodes.map(({ name }) => name);
    throw leftoverError(`Not everything of ${names.join(', ')} of '${cluster.name}' could be removed:`, leftovers, [
      `dbns ${nodes.some(({ socket }) => socket !== undefined) ? 'remove' : 'detach'} ${cluster.name} ${names.join(' ')}`,
    ]);
  }
  await underMachineLock(machine, () => takeFromJournal(machine, cluster.name, resources));
}
