import type { Cluster, Node } from '../../cluster/cluster.js';
import { NotReadyError } from '../../errors/errors.js';
import { hasEnded } from '../../process/find.js';
import { withLastRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Setting } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import { nodesIn } from '../choose.js';
import { requireRoot, type Context } from '../context.js';
import { settingOf } from '../setting.js';
import { signalServer, wake } from './signal.js';
import { settled } from '../status.js';
import { serversOf, underClusterLock, wish, type Outcome, type VerbView } from './verb.js';

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
  return underClusterLock(machine, name, `dbns ${words}`, async (saved) => {
    const chosen = new Set(nodesIn(saved, { names }).map((node) => node.name));
    const cluster = await wish(
      machine,
      saved,
      saved.nodes.filter((node) => chosen.has(node.name)),
      'stopped',
    );
    const outcomes = await stopServers(cluster, chosen, options, context);
    const inOrder = cluster.nodes.flatMap((node) => outcomes.filter((outcome) => outcome.node === node.name));
    return { cluster: await settled(machine, cluster), nodes: inOrder, notes: [] };
  });
}

/** Ends the servers of some nodes, batch after batch in their topology's order; `wanted` of nodes is what will be. */
export async function stopServers(
  cluster: Cluster,
  chosen: ReadonlySet<string>,
  options: StopOptions,
  context: Context,
): Promise<readonly Outcome[]> {
  const { machine, observer } = context;
  const setting = await settingOf(machine, withLastRoles(machine, cluster));
  const outcomes: Outcome[] = [];
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
    outcomes.push(...(await Promise.all(due.map((node) => stopNode(setting, node, options, context)))));
    observer.phaseDone?.(title);
  }
  return outcomes;
}

async function stopNode(setting: Setting, node: Node, { timeout }: StopOptions, context: Context): Promise<Outcome> {
  const { machine, signal } = context;
  const server = serversOf(machine, [node]).get(node.name);
  const outcome = (words: string) => ({ node: node.name, outcome: words });
  if (server?.pid === undefined || server.pid === null) return outcome(wasWords(setting.cluster, node, server?.state));
  const deadline = Date.now() + timeout;
  machine.processes.signal(server.pid, 'SIGTERM');
  if (await hasEnded(machine, server.pid, deadline, signal)) return outcome('stopped');
  await signalServer(machine, node, 'SIGKILL');
  context.observer.warned?.(`${node.name} did not end in ${timeout / 1000} s: it was killed.`);
  return outcome('killed');
}

function wasWords({ nodes }: Cluster, { name }: Node, state: string | undefined): string {
  const before = nodes.find((node) => node.name === name)?.wanted === 'stopped' ? 'stopped' : 'dead';
  return `was ${state === 'missing' ? 'missing' : before}`;
}

/** One that does not answer is asked to end all the same. */
async function tellBefore(setting: Setting, node: Node, { timeout }: StopOptions, context: Context): Promise<void> {
  const { machine } = context;
  const state = serversOf(machine, [node]).get(node.name)?.state;
  if (state === 'paused') wake(machine, node);
  const plan = topologyNamed(setting.cluster.topology).life.beforeStop(setting, node);
  if (plan === null || (state !== 'running' && state !== 'paused')) return;
  await applyPlan(plan, { ...context, deadline: Date.now() + timeout, observer: {} }).catch((error: unknown) => {
    if (!(error instanceof NotReadyError)) throw error;
  });
}
