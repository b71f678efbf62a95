import type { Cluster, Node } from '../../cluster/cluster.js';
import { ConflictError, InterruptedError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { findServers, type ServerProcess } from '../../process/find.js';
import { loadCluster, saveCluster } from '../../state/clusters.js';
import type { Context } from '../context.js';
import { MISSING } from '../node-process.js';
import { lockCluster } from '../lock.js';
import type { ClusterView } from '../view.js';

/** What became of a node. */
export interface Outcome {
  readonly node: string;
  /** `started`, `stopped`, `killed` …, and `was running` and the like where nothing had to be done. */
  readonly outcome: string;
}

/** What a verb did to a cluster. */
export interface VerbView {
  readonly cluster: ClusterView;
  readonly nodes: readonly Outcome[];
  /** What was found out on the way: positions, who bootstraps and why. */
  readonly notes: readonly string[];
}

/** A context that keeps what is told, for the view, and `tell` that tells. */
export function notingDown<T extends Context>(context: T) {
  const notes: string[] = [];
  const told = (sentence: string) => {
    notes.push(sentence);
    context.observer.told?.(sentence);
  };
  return { notes, noting: { ...context, observer: { ...context.observer, told } }, tell: told };
}

/**
 * Does what changes a cluster that is there, under its lock; it is read anew.
 * @param again what takes it up again after an abort, which is told; null where the abort says it itself
 * @throws ConflictError while another dbns is at work on it, and for a cluster that never came up.
 */
export async function underClusterLock<T>(
  machine: Machine,
  name: string,
  again: string | null,
  act: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const lock = await lockCluster(machine, name);
  try {
    const cluster = await loadCluster(machine, name);
    if (cluster.phase !== 'created')
      throw new ConflictError(`The cluster '${name}' never came up.`, { suggestions: [`dbns destroy ${name}`] });
    return await (again === null ? act(cluster) : takenUpBy(again, () => act(cluster)));
  } finally {
    await lock.release();
  }
}

/** Says after an abort with which words it is taken up again. */
export async function takenUpBy<T>(words: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof InterruptedError) throw new InterruptedError(error.signal, `'${words}' takes it up again`);
    throw error;
  }
}

/** Saves what is wanted of nodes, before it is brought about: whoever comes after a kill knows it. */
export async function wish(
  machine: Machine,
  cluster: Cluster,
  nodes: readonly Node[],
  wanted: Node['wanted'],
): Promise<Cluster> {
  const chosen = new Set(nodes.map(({ name }) => name));
  const after = {
    ...cluster,
    nodes: cluster.nodes.map((node) => (chosen.has(node.name) ? { ...node, wanted } : node)),
  };
  await saveCluster(machine, after);
  return after;
}

/** How the servers of nodes stand, by name. */
export function serversOf(machine: Machine, nodes: readonly Node[]): ReadonlyMap<string, ServerProcess> {
  const found = findServers(
    machine,
    nodes.map(({ namespace }) => namespace),
  );
  return new Map(nodes.flatMap(({ name, namespace }) => [[name, found.get(namespace) ?? MISSING] as const]));
}
