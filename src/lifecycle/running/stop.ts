import {
  programsOf,
  type Cluster,
  type Command,
  type Companion,
  type Node,
  type Program,
} from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { NotReadyError } from '../../errors/errors.js';
import { endProcess, wake } from '../../process/end.js';
import { withLastRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Setting } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import { programsIn } from '../choose.js';
import { underClusterLock } from '../cluster-lock.js';
import { requireRoot, type Context } from '../context.js';
import { processOf } from '../node-process.js';
import { endAttached } from '../removal/end-attached.js';
import { settingOf } from '../setting.js';
import { settled } from '../status.js';
import { serversOf, touchedIn, wish, type VerbView } from './verb.js';

export interface StopOptions {
  /** Milliseconds that a node may take; then its server is killed. */
  readonly timeout: number;
}

/**
 * Ends the servers of nodes in their topology's order, and nothing else: namespaces, links, addresses and rules stay.
 * What does not end in time is killed, and that is told.
 * @param names of nodes; all when there are none
 * @throws NotFoundError, ConflictError, InterruptedError.
 */
export async function stopNodes(
  name: string,
  names: readonly string[],
  options: StopOptions,
  context: Context,
): Promise<VerbView> {
  const { machine } = context;
  const words = ['stop', name, ...names].join(' ');
  requireRoot(machine, words);
  return underClusterLock(
    machine,
    name,
    { verb: 'stop', nodes: names, touched: touchedIn, again: `dbns ${words}` },
    (saved) => stopIn(saved, names, options, context),
  );
}

/** The same, for who has the cluster's lock. */
export async function stopIn(
  saved: Cluster,
  names: readonly string[],
  options: StopOptions,
  context: Context,
): Promise<VerbView> {
  const { machine } = context;
  const programs = programsIn(saved, { names });
  const chosen = programsOf(programs);
  const before = serversOf(machine, chosen);
  const wished = await wish(machine, saved, chosen, 'stopped');
  const { cluster, outcomes } = await endCommands(wished, programs.attached, options, context);
  const ended = new Map([
    ...(await endCompanions(programs.companions, options, context)),
    ...(await endServers(cluster, programs.nodes, options, context)),
  ]);
  const nodes = chosen.map((node) => ({
    node: node.name,
    outcome: ended.get(node.name) ?? `was ${processOf(node, before.get(node.name))}`,
  }));
  return { cluster: await settled(machine, cluster), nodes: [...outcomes, ...nodes], notes: [] };
}

/** Who uses a cluster ends before it. */
async function endCommands(
  before: Cluster,
  attached: readonly Command[],
  { timeout }: StopOptions,
  context: Context,
): Promise<{ readonly cluster: Cluster; readonly outcomes: VerbView['nodes'] }> {
  let cluster = before;
  const outcomes = [];
  for (const host of attached) {
    const { left, outcome } = await endAttached(cluster, host, timeout, context);
    cluster = left;
    outcomes.push({ node: host.name, outcome });
  }
  return { cluster, outcomes };
}

/** Ends the servers of nodes that are wanted stopped by now, in their topology's order. Answers with how each that ran ended. */
export async function endServers(
  cluster: Cluster,
  nodes: readonly Node[],
  options: StopOptions,
  context: Context,
): Promise<ReadonlyMap<string, 'stopped' | 'killed'>> {
  const { machine, observer } = context;
  const chosen = new Set(nodes.map((node) => node.name));
  const setting = await settingOf(machine, withLastRoles(machine, cluster));
  const ended = new Map<string, 'stopped' | 'killed'>();
  const order = topologyNamed(cluster.topology).life.stopOrder(setting.cluster);
  // Who is just coming has no place in it yet.
  const others = setting.cluster.nodes.filter((node) => !order.flat().includes(node));
  for (const batch of [others, ...order]) {
    const due = batch.filter((node) => chosen.has(node.name));
    if (due.length === 0) continue;
    const title = `stop ${due.map((node) => node.name).join(', ')}`;
    observer.phaseStarted?.(title);
    // All are told before the first is asked to end: what it does may depend on the others.
    await Promise.all(due.map((node) => tellBefore(setting, node, options, context)));
    await Promise.all(
      due.map(async (node) => {
        const how = await endServer(node, options, context);
        if (how !== null) ended.set(node.name, how);
      }),
    );
    observer.phaseDone?.(title);
  }
  const plan = nodes.length === 0 ? null : topologyNamed(cluster.topology).life.afterStop(setting, nodes);
  if (plan !== null) await applyMildly(plan, options, context);
  return ended;
}

/** Who stands in front goes first. */
async function endCompanions(
  companions: readonly Companion[],
  options: StopOptions,
  context: Context,
): Promise<ReadonlyMap<string, 'stopped' | 'killed'>> {
  const ended = new Map<string, 'stopped' | 'killed'>();
  for (const companion of companions) {
    wake(context.machine, companion.namespace);
    const how = await endServer(companion, options, context);
    if (how !== null) ended.set(companion.name, how);
  }
  return ended;
}

/** Null where none ran. */
async function endServer(
  node: Program,
  { timeout }: StopOptions,
  context: Context,
): Promise<'stopped' | 'killed' | null> {
  const { machine, observer, signal } = context;
  const pid = serversOf(machine, [node]).get(node.name)?.pid ?? null;
  if (pid === null) return null;
  const how = await endProcess(machine, pid, Date.now() + timeout, signal);
  if (how === 'killed') observer.warned?.(`${node.name} did not end in ${timeout / 1000} s: it was killed.`);
  return how;
}

/** One that does not answer is asked to end all the same. */
async function tellBefore(setting: Setting, node: Node, options: StopOptions, context: Context): Promise<void> {
  const { machine } = context;
  const state = serversOf(machine, [node]).get(node.name)?.state;
  if (state === 'paused') wake(machine, node.namespace);
  const plan = topologyNamed(setting.cluster.topology).life.beforeStop(setting, node);
  if (plan === null || (state !== 'running' && state !== 'paused')) return;
  await applyMildly(plan, options, context);
}

/** What servers do not say or do keeps none from ending. */
async function applyMildly(plan: Plan, { timeout }: StopOptions, context: Context): Promise<void> {
  await applyPlan(plan, { ...context, deadline: Date.now() + timeout, observer: {} }).catch((error: unknown) => {
    if (!(error instanceof NotReadyError)) throw error;
  });
}
