import type { Cluster, Host, Program } from '../../cluster/cluster.js';
import { ConflictError, NotFoundError, UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { findServers, type ServerProcess } from '../../process/find.js';
import { loadCluster, saveCluster } from '../../state/clusters.js';
import type { Context } from '../context.js';
import { MISSING } from '../node-process.js';
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

/** Names of the nodes that something became of. */
export function touchedIn({ nodes }: Pick<VerbView, 'nodes'>): readonly string[] {
  return nodes.map(({ node }) => node);
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

/** Saves what is wanted of nodes and companions, before it is brought about: whoever comes after a kill knows it. */
export async function wish(
  machine: Machine,
  cluster: Cluster,
  programs: readonly Program[],
  wanted: Program['wanted'],
): Promise<Cluster> {
  const chosen = new Set(programs.map(({ name }) => name));
  const wished = <T extends Program>(program: T): T => (chosen.has(program.name) ? { ...program, wanted } : program);
  const after = { ...cluster, nodes: cluster.nodes.map(wished), companions: cluster.companions.map(wished) };
  await saveCluster(machine, after);
  return after;
}

/** Nothing of what was asked for has come about, nor will it by the same words. */
const REFUSALS = [UsageError, NotFoundError, ConflictError];

/** Brings about what was wished. A refusal changes nothing: what was wanted before is saved again. */
export async function orWishBack<T>(machine: Machine, before: Cluster, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (REFUSALS.some((Refusal) => error instanceof Refusal)) await wishBack(machine, before);
    throw error;
  }
}

async function wishBack(machine: Machine, { name, nodes, companions }: Cluster): Promise<void> {
  const now = await loadCluster(machine, name);
  const wanted = new Map([...nodes, ...companions].map((one) => [one.name, one.wanted]));
  const asBefore = <T extends Program>(one: T): T => ({ ...one, wanted: wanted.get(one.name) ?? one.wanted });
  await saveCluster(machine, { ...now, nodes: now.nodes.map(asBefore), companions: now.companions.map(asBefore) });
}

/** How the programs of nodes and companions stand, by name. */
export function serversOf(machine: Machine, nodes: readonly Host[]): ReadonlyMap<string, ServerProcess> {
  const found = findServers(
    machine,
    nodes.map(({ namespace }) => namespace),
  );
  return new Map(nodes.flatMap(({ name, namespace }) => [[name, found.get(namespace) ?? MISSING] as const]));
}
