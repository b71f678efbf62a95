import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { atLeast, readTitle, serverTitle } from '../../cluster/server.js';
import { ConflictError, NotReadyError, UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { exitOf } from '../../servers/exit.js';
import { loadCluster } from '../../state/clusters.js';
import { withLastRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { NodeServer, Setting } from '../../topologies/topology.js';
import type { Upgrade } from '../../topologies/upgrade.js';
import { applyPlan } from '../apply.js';
import { nodesIn } from '../choose.js';
import { takenUpBy, withClusterLock } from '../cluster-lock.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { halfDone } from '../half-done.js';
import { serverOfImage } from '../image-server.js';
import { recorded } from '../record.js';
import { startNodes } from '../running/start.js';
import { stopNodes } from '../running/stop.js';
import { notingDown, serversOf, touchedIn, type VerbView } from '../running/verb.js';
import { settingOf } from '../setting.js';
import { viewCluster } from '../status.js';
import { switchOver } from '../running/hand-over.js';
import { moveServer, withServer } from './move-server.js';

export interface UpgradeRequest {
  /** Where the new servers come from. */
  readonly image: string;
  /** Milliseconds that a node may take to stop, and to start. */
  readonly timeout: number;
}

/** One upgrade: what it is to. */
interface Target {
  readonly cluster: string;
  readonly server: NodeServer;
  readonly part: Upgrade;
  readonly timeout: number;
}

/**
 * Gives nodes another version of their server on the same data, one at a time: who does not run first, then as the topology has it,
 * a primary after a switchover. The server's own step is done on each when it is ready. Cut short it is taken up again by the
 * same words, at every moment.
 * @param names of nodes; all when there are none
 * @throws UsageError for a way back, or one that the vendor does not support; NotFoundError for an image that is not here;
 *   ConflictError, NotReadyError; what `startNodes`, `stopNodes` and `promoteNode` throw.
 */
export async function upgradeNodes(
  name: string,
  names: readonly string[],
  { image, timeout }: UpgradeRequest,
  context: Context,
): Promise<VerbView> {
  const { machine } = context;
  const words = ['upgrade', name, ...names, '--image', image].join(' ');
  requireRoot(machine, words);
  requirePrograms(machine);
  const { part, server, due } = await plan(machine, name, names, image);
  const target = { cluster: name, part, server, timeout };
  const verb = { verb: 'upgrade', nodes: due, about: serverTitle(server.build), touched: touchedIn };
  return takenUpBy(`dbns ${words}`, () => recorded(machine, name, verb, () => inTurn(due, target, context)));
}

/** Who is upgraded, in which order; nothing is touched. */
async function plan(machine: Machine, name: string, names: readonly string[], image: string) {
  const cluster = withLastRoles(machine, await loadCluster(machine, name));
  const topology = topologyNamed(cluster.topology);
  const { upgrade: part } = topology;
  if (typeof part === 'string') throw new UsageError(part);
  const half = cluster.nodes.find(({ phase }) => phase !== 'added');
  if (half !== undefined) throw halfDone(cluster, half);
  const chosen = nodesIn(cluster, { names });
  const server = await serverOfImage(machine, image, topology.kind);
  for (const node of chosen) assertForward(name, node, server);
  part.check(cluster, chosen, server.build);
  const { settings, memory } = cluster;
  for (const node of chosen)
    topology.check(new Map([[node.name, server.build]]), { settings, options: node.options, memory });
  await assertOptions(await settingOf(machine, cluster), chosen, server, part);
  const servers = serversOf(machine, chosen);
  const order = part.order(cluster).filter((node) => chosen.some((one) => one.name === node.name));
  const away = ({ name: node }: Node) => servers.get(node)?.pid === null;
  const due = [...order.filter(away), ...order.filter((node) => !away(node))].map((node) => node.name);
  return { part, server, due };
}

/** No server reads what a newer one has written. */
function assertForward(cluster: string, node: Node, { build }: NodeServer): void {
  const from = readTitle(node.server);
  if (from.dialect !== build.dialect) {
    throw new UsageError(
      `${node.name} has ${node.server}: ${serverTitle(build)} is another server, and does not take its data.`,
    );
  }
  if (atLeast(build.version, from.version)) return;
  throw new UsageError(
    `${node.name} has ${node.server}: no server goes back in place, and ${serverTitle(build)} is older. The way back is a copy of the data from before.`,
    {
      suggestions: [
        `dbns dump ${cluster} -o before.sql, then dbns load before.sql into a cluster of ${serverTitle(build)}`,
      ],
    },
  );
}

/** Once for all that have the same. */
async function assertOptions(
  setting: Setting,
  nodes: readonly Node[],
  server: NodeServer,
  part: Upgrade,
): Promise<void> {
  const asked = new Set<string>();
  for (const node of nodes) {
    const text = JSON.stringify(node.options);
    if (asked.has(text)) continue;
    asked.add(text);
    const refusal = await part.refusal(withServer(setting, node, server), node);
    if (refusal === null) continue;
    throw new UsageError(`${serverTitle(server.build)} does not take the options of ${node.name}: ${refusal}`, {
      suggestions: [`dbns set ${setting.cluster.name} --unset KEY`],
    });
  }
}

async function inTurn(due: readonly string[], target: Target, context: Context): Promise<VerbView> {
  const { machine } = context;
  const { notes, noting, tell } = notingDown(context);
  const nodes = [];
  for (const node of due) nodes.push({ node, outcome: await upgradeOne(node, target, noting, tell) });
  const title = serverTitle(target.server.build);
  const done = await withClusterLock(machine, target.cluster, async (cluster) => {
    if (cluster.nodes.every(({ server }) => server === title))
      await carryOut(target.part.finish(await settingOf(machine, withLastRoles(machine, cluster))), target, noting);
    return cluster;
  });
  return { cluster: await viewCluster(machine, done, target.timeout), nodes, notes };
}

async function upgradeOne(
  name: string,
  target: Target,
  context: Context,
  tell: (sentence: string) => void,
): Promise<string> {
  const { machine } = context;
  const { cluster, server, timeout, part } = target;
  const title = serverTitle(server.build);
  const before = await nodeOf(machine, target, name);
  const isMoved = before.image === server.image.ref && before.server === title;
  if (!isMoved) {
    await foretell(name, target, context, tell);
    const successor = part.handsOver ? await switchOver(cluster, name, timeout, context) : null;
    if (successor !== null) tell(`${successor} took over from ${name}.`);
    await endInOrder(name, target, context);
    await withClusterLock(machine, cluster, (saved) => moveServer(saved, name, { server, part }, context));
  }
  const { nodes } = await startNodes(cluster, [name], { timeout }, context);
  await withClusterLock(machine, cluster, async (saved) => {
    const setting = await settingOf(machine, withLastRoles(machine, saved));
    await carryOut(part.complete(setting, nodeIn(setting.cluster, name)), target, context);
  });
  if (!isMoved) tell(`${name} has ${title}.`);
  const ran = nodes.some(({ outcome }) => outcome === 'was running');
  return isMoved && ran ? `was ${title}` : `upgraded to ${title}`;
}

async function nodeOf(machine: Machine, { cluster }: Target, name: string): Promise<Node> {
  return nodeIn(await loadCluster(machine, cluster), name);
}

function nodeIn({ name: cluster, nodes }: Cluster, name: string): Node {
  const node = nodes.find((one) => one.name === name);
  if (node === undefined) throw new ConflictError(`${name} of '${cluster}' was removed meanwhile.`);
  return node;
}

function carryOut(plan: Plan, { timeout }: Target, context: Context): Promise<void> {
  return applyPlan(plan, { ...context, deadline: Date.now() + timeout });
}

/** Before it stops, and may be waited for until it does. */
async function foretell(
  name: string,
  { cluster, part }: Target,
  { machine }: Context,
  tell: (sentence: string) => void,
): Promise<void> {
  const saved = withLastRoles(machine, await loadCluster(machine, cluster));
  const servers = serversOf(machine, saved.nodes);
  const others = saved.nodes.filter((node) => node.name !== name && servers.get(node.name)?.state === 'running');
  (await part.forecast(await settingOf(machine, saved), nodeIn(saved, name), others)).forEach(tell);
}

/**
 * Data of a server that was killed are for the same server to recover: it is started and stopped once more.
 * @throws NotReadyError for one that does not end in order.
 */
async function endInOrder(name: string, target: Target, context: Context): Promise<void> {
  const { machine } = context;
  const { cluster, timeout } = target;
  for (let attempt = 1; attempt <= 2; attempt++) {
    const node = await nodeOf(machine, target, name);
    const runs = serversOf(machine, [node]).get(name)?.pid !== null;
    if (!runs && exitOf(machine, node)?.code === 0) return;
    if (!runs) await startNodes(cluster, [name], { timeout }, context);
    await stopNodes(cluster, [name], { timeout }, context);
    if (exitOf(machine, node)?.code === 0) return;
  }
  throw new NotReadyError(`${name} does not end in order, so its data are not for a newer server yet.`, {
    suggestions: [`dbns logs ${cluster} ${name}`, `dbns start ${cluster} ${name}`],
  });
}
