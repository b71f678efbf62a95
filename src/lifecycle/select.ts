import { hostsOf, programsOf, type Cluster, type Host, type Node, type Program } from '../cluster/cluster.js';
import { NotFoundError, UsageError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { createdNames, loadCluster, noCluster, readCluster, type SavedCluster } from '../state/clusters.js';
import { isStandby } from '../state/standby.js';

/**
 * The cluster that is meant: the one named, or the only one.
 * @throws UsageError with the names when there are several and none was named; NotFoundError when there is none.
 */
export async function selectCluster(machine: Machine, name: string | undefined): Promise<Cluster> {
  return loadCluster(machine, await selectName(machine, name));
}

/** The same for what need not be read: the name of a cluster, perhaps a broken one. */
export async function selectName(machine: Machine, name: string | undefined): Promise<string> {
  const names = await createdNames(machine);
  if (name !== undefined) {
    if (!names.includes(name)) throw await noCluster(machine, name);
    return name;
  }
  const [only, ...others] = names;
  if (only === undefined) throw new NotFoundError('There is no cluster.', { suggestions: ['dbns pxc create'] });
  if (others.length > 0) throw new UsageError(`Which cluster? There are: ${names.join(', ')}.`);
  return only;
}

/** The cluster of a name as it is saved, perhaps a broken one. */
export async function selectSaved(machine: Machine, name: string): Promise<SavedCluster> {
  const saved = await readCluster(machine, name);
  if (saved === null || isStandby(machine, name)) throw await noCluster(machine, name);
  return saved;
}

/** The node of a name. */
export function selectNode(cluster: Cluster, name: string): Node {
  return selectAmong(cluster, cluster.nodes, name);
}

/** The host of a name: a node, a companion, or what is attached. */
export function selectHost(cluster: Cluster, name: string): Host {
  return selectAmong(cluster, hostsOf(cluster), name);
}

/** The node or companion of a name. */
export function selectProgram(cluster: Cluster, name: string): Program {
  return selectAmong(cluster, programsOf(cluster), name);
}

/** One of these of a cluster, by its name. */
export function selectAmong<T extends Host>(cluster: Cluster, hosts: readonly T[], name: string): T {
  const host = hosts.find((candidate) => candidate.name === name);
  if (host !== undefined) return host;
  const names = hosts.map((candidate) => candidate.name);
  throw new NotFoundError(`The cluster '${cluster.name}' has no node '${name}'. It has: ${names.join(', ')}.`);
}

/** @throws NotFoundError when a host's namespace is gone: after a reboot, or because somebody deleted it. */
export function assertNamespace(machine: Machine, { name, namespace }: Host): void {
  if (machine.files.exists(`${machine.roots.netns}/${namespace}`)) return;
  throw new NotFoundError(`The namespace ${namespace} of ${name} is gone.`, {
    suggestions: ['dbns status', 'dbns destroy'],
  });
}
