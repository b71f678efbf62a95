import type { Cluster, Node, ServerOption } from '../../cluster/cluster.js';
import { UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { saveCluster } from '../../state/clusters.js';
import type { OptionChange, Told } from '../../topologies/options.js';
import { topologyNamed } from '../../topologies/registry.js';
import { serverOf, type Setting } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import { nodesIn } from '../choose.js';
import { takenUpBy, underClusterLock } from '../cluster-lock.js';
import { requireRoot, type Context } from '../context.js';
import { halfDone } from '../half-done.js';
import { notingDown, serversOf, touchedIn, type VerbView } from '../running/verb.js';
import { settingOf } from '../setting.js';
import { settled } from '../status.js';
import { restartNodes } from '../running/restart.js';

/** Which options change, and how. */
export interface SetRequest {
  readonly set: readonly ServerOption[];
  /** Keys of those that are taken back. */
  readonly unset: readonly string[];
}

export interface SetOptions {
  /** Milliseconds that a node may take to stop, and to start, with `rolling`. */
  readonly timeout: number;
  /** Nodes that take it at their start only are restarted, one at a time, the primary last. */
  readonly rolling: boolean;
}

/** What became of nodes, and which take what was set when they start again. */
export interface SetView extends VerbView {
  /** Names of nodes. */
  readonly pending: readonly string[];
}

/**
 * Changes options of servers that live, and keeps them: in what is saved of the nodes, in their configuration, and in their
 * servers where these take it while they run. Cut short it is taken up again by the same words.
 * @param names of nodes; all when there are none
 * @throws UsageError for an option that can't be given, or a value that the server refuses: then all is as before;
 *   NotFoundError, ConflictError; with `rolling` what `restartNodes` throws.
 */
export async function setOptions(
  name: string,
  names: readonly string[],
  request: SetRequest,
  { timeout, rolling }: SetOptions,
  context: Context,
): Promise<SetView> {
  const about = aboutOf(request);
  const words = ['set', name, ...names, about, ...(rolling ? ['--rolling'] : [])].join(' ');
  requireRoot(context.machine, words);
  return takenUpBy(`dbns ${words}`, async () => {
    const verb = { verb: 'set', nodes: names, about, touched: touchedIn };
    const view = await underClusterLock(context.machine, name, verb, (saved) => setIn(saved, names, request, context));
    if (!rolling || view.pending.length === 0) return view;
    const restarted = await restartNodes(name, view.pending, { timeout, rolling }, context);
    const nodes = view.nodes.map((node) =>
      view.pending.includes(node.node) ? { ...node, outcome: 'set, and restarted' } : node,
    );
    return { cluster: restarted.cluster, nodes, notes: [...view.notes, ...restarted.notes], pending: [] };
  });
}

/** As it is typed. */
function aboutOf({ set, unset }: SetRequest): string {
  return [...set.map(({ key, value }) => `${key}=${value ?? ''}`), ...unset.map((key) => `--unset ${key}`)].join(' ');
}

/** Milliseconds that a server may take to be told. */
const ANSWER = 10_000;

async function setIn(
  saved: Cluster,
  names: readonly string[],
  request: SetRequest,
  context: Context,
): Promise<SetView> {
  const { machine } = context;
  const changes = changesOf(saved, request);
  const meant = nodesIn(saved, { names }).filter(({ phase }) => names.length > 0 || phase === 'added');
  const half = meant.find(({ phase }) => phase !== 'added');
  if (half !== undefined) throw halfDone(saved, half);
  const wished = withChanges(saved, meant, changes);
  const setting = await settingOf(machine, wished);
  await assertTaken(setting, meant, changes);
  // What is wanted is saved before it is brought about.
  await saveCluster(machine, wished);
  const chosen = new Set(meant.map((node) => node.name));
  const nodes = wished.nodes.filter((node) => chosen.has(node.name));
  await configure(setting, nodes, changes, context);
  const told = await tellAll(setting, nodes, changes, context);
  const refused = [...told.values()].flat().find(({ outcome }) => outcome === 'refused');
  if (refused !== undefined) {
    await takeBack(saved, nodes, changes, context);
    throw new UsageError(`The server does not take '${refused.id}' so: ${refused.why ?? ''}.`);
  }
  const { notes, tell } = notingDown(context);
  const pending = nodes.filter(({ name }) => told.get(name)?.some(({ outcome }) => outcome === 'restart') === true);
  if (pending.length > 0) tell(pendingNote(saved.name, pending, told));
  return {
    cluster: await settled(machine, wished),
    nodes: nodes.map((node) => ({ node: node.name, outcome: outcomeOf(node, told, pending) })),
    notes,
    pending: pending.map((node) => node.name),
  };
}

/** @throws UsageError for what can't be given. */
function changesOf(cluster: Cluster, { set, unset }: SetRequest): readonly OptionChange[] {
  const { options } = topologyNamed(cluster.topology);
  const changes = [...set, ...unset.map((key) => ({ key, value: null }))];
  if (changes.length === 0) throw new UsageError('Which option? Write it like max_connections=200.');
  const ids = changes.map((change) => options.idOf(change));
  const twice = ids.find((id, at) => ids.indexOf(id) < at);
  if (twice !== undefined) throw new UsageError(`'${twice}' is given twice.`);
  options.check(set);
  options.check(unset.map((key) => ({ key, value: '' })));
  return changes;
}

function withChanges(cluster: Cluster, nodes: readonly Node[], changes: readonly OptionChange[]): Cluster {
  const { options } = topologyNamed(cluster.topology);
  const ids = new Set(changes.map((change) => options.idOf(change)));
  const chosen = new Set(nodes.map(({ name }) => name));
  const changed = (node: Node): Node => ({
    ...node,
    options: [
      ...node.options.filter((option) => !ids.has(options.idOf(option))),
      ...changes.filter(({ value }) => value !== null),
    ],
  });
  return { ...cluster, nodes: cluster.nodes.map((node) => (chosen.has(node.name) ? changed(node) : node)) };
}

/** By the cluster, and by the server's own program: once for each image. */
async function assertTaken(setting: Setting, nodes: readonly Node[], changes: readonly OptionChange[]): Promise<void> {
  const { cluster } = setting;
  const topology = topologyNamed(cluster.topology);
  const { settings, memory } = cluster;
  const given = changes.filter(({ value }) => value !== null);
  const images = new Set<string>();
  for (const node of nodes) {
    if (images.has(node.image) || given.length === 0) continue;
    images.add(node.image);
    topology.check(new Map([[node.name, serverOf(setting, node).build]]), { settings, options: given, memory });
    const refusal = await topology.options.refusal(setting, node, given);
    if (refusal !== null) throw new UsageError(refusal);
  }
}

function idsOf({ cluster }: Setting, changes: readonly OptionChange[]): ReadonlySet<string> {
  const { options } = topologyNamed(cluster.topology);
  return new Set(changes.map((change) => options.idOf(change)));
}

async function configure(
  setting: Setting,
  nodes: readonly Node[],
  changes: readonly OptionChange[],
  context: Context,
): Promise<void> {
  const { options } = topologyNamed(setting.cluster.topology);
  const ids = idsOf(setting, changes);
  const plan = { parallel: nodes.map((node) => options.configure(setting, node, ids)) };
  await applyPlan(plan, { ...context, deadline: Infinity });
}

/** By name of a node that runs. One that does not answer reads it when it starts. */
async function tellAll(
  setting: Setting,
  nodes: readonly Node[],
  changes: readonly OptionChange[],
  { machine, observer }: Pick<Context, 'machine' | 'observer'>,
): Promise<ReadonlyMap<string, readonly Told[]>> {
  const { options } = topologyNamed(setting.cluster.topology);
  const told = new Map<string, readonly Told[]>();
  for (const node of nodes.filter((one) => runs(machine, one))) {
    try {
      told.set(node.name, await options.tell(setting, node, changes, ANSWER));
    } catch (error) {
      if (error instanceof TypeError) throw error;
      observer.warned?.(`${node.name} can't be told while it runs: ${String(error)}`);
      told.set(
        node.name,
        [...idsOf(setting, changes)].map((id) => ({ id, outcome: 'restart', why: null })),
      );
    }
    if (told.get(node.name)?.some(({ outcome }) => outcome === 'refused') === true) return told;
  }
  return told;
}

function runs(machine: Machine, node: Node): boolean {
  return serversOf(machine, [node]).get(node.name)?.state === 'running';
}

/** All as it was: what is saved, the configuration, and the servers that were told. */
async function takeBack(
  saved: Cluster,
  nodes: readonly Node[],
  changes: readonly OptionChange[],
  context: Context,
): Promise<void> {
  const { machine } = context;
  await saveCluster(machine, saved);
  const setting = await settingOf(machine, saved);
  const before = saved.nodes.filter(({ name }) => nodes.some((node) => node.name === name));
  const { options } = topologyNamed(saved.topology);
  const ids = idsOf(setting, changes);
  await configure(setting, before, changes, context);
  for (const node of before) {
    const had = [...ids].map(
      (id) => node.options.find((option) => options.idOf(option) === id) ?? { key: id, value: null },
    );
    await tellAll(setting, [node], had, context);
  }
}

function outcomeOf(node: Node, told: ReadonlyMap<string, readonly Told[]>, pending: readonly Node[]): string {
  if (!told.has(node.name)) return 'set for its next start: it does not run';
  return pending.includes(node) ? 'set for its next start' : 'set';
}

function pendingNote(cluster: string, pending: readonly Node[], told: ReadonlyMap<string, readonly Told[]>): string {
  const names = pending.map(({ name }) => name);
  const ids = new Set(
    names.flatMap((name) => (told.get(name) ?? []).flatMap(({ id, outcome }) => (outcome === 'restart' ? id : []))),
  );
  return `${names.join(', ')} take${names.length === 1 ? 's' : ''} ${[...ids].join(', ')} when started again: dbns restart ${cluster} ${names.join(' ')} --rolling, or dbns set … --rolling.`;
}
