import type { Cluster, Node, Seat } from '../../cluster/cluster.js';
import { ConflictError, DbnsError, NotReadyError, messageOf } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { rootMounts } from '../../images/root-mounts.js';
import { findImage } from '../../images/store.js';
import { allocateAddresses } from '../../network/allocate.js';
import { saveCluster } from '../../state/clusters.js';
import { withLastRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { GrowthWords, Joining } from '../../topologies/growth.js';
import { serverOf, type NodeServer, type Setting, type Topology } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { dataPlan } from '../data.js';
import type { Ends } from '../ends.js';
import { explainByLog } from '../explain.js';
import { askServer } from '../image-server.js';
import { placeNode } from '../place.js';
import { ensurePristine } from '../pristine.js';
import { buildsOf, pristineDirectory, recipesOf, type Equipment } from '../resolve.js';
import { settingOf } from '../setting.js';
import { standGround } from '../stand.js';
import { settled } from '../status.js';
import { planLeaving, takeAway } from './leave.js';
import { watchTransfer } from './transfer.js';
import { serversOf, underClusterLock, type VerbView } from './verb.js';

export interface AddRequest extends GrowthWords {
  /** Of those that come; that of the first node when it was not said. */
  readonly image: string | undefined;
}

export interface AddOptions {
  /** Milliseconds until those that come are ready. */
  readonly timeout: number;
}

type Limited = Context & { readonly deadline: number };

/**
 * Adds nodes to a cluster that lives, and returns when they are ready. Each gets its data by the cheapest honest way, and
 * that is told. Whatever fails, and an abort, is taken back; after a kill the next `add` or `remove` does that.
 * @throws UsageError, NotFoundError, ConflictError before anything was touched; NotReadyError, InterruptedError,
 *   MachineError when it was taken back; LeftoverError when that could not remove everything.
 */
export async function addNodes(
  name: string,
  request: AddRequest,
  { timeout }: AddOptions,
  context: Context,
): Promise<VerbView> {
  const { machine, observer } = context;
  requireRoot(machine, `add ${name}`);
  requirePrograms(machine);
  return underClusterLock(machine, name, null, async (saved) => {
    const limited = { ...context, deadline: Date.now() + timeout };
    const before = await clearAway(saved, limited);
    const growth = await planGrowth(before, request, limited);
    for (const note of growth.joining.notes) observer.told?.(note);
    const cluster = await carryOut(before, growth, limited);
    return {
      cluster: await settled(machine, cluster),
      nodes: growth.newcomers.map((node) => ({ node: node.name, outcome: 'added' })),
      notes: growth.joining.notes,
    };
  });
}

/** What an `add` that was killed left is in nobody's way, but half a node. */
async function clearAway(cluster: Cluster, application: Limited): Promise<Cluster> {
  const left = cluster.nodes.filter(({ phase }) => phase === 'adding');
  const leaving = cluster.nodes.filter(({ phase }) => phase === 'removing');
  const names = (nodes: readonly Node[]) => nodes.map(({ name }) => name).join(', ');
  if (leaving.length > 0) {
    throw new ConflictError(
      `${names(leaving)} of '${cluster.name}' ${leaving.length === 1 ? 'is' : 'are'} half removed.`,
      {
        suggestions: [`dbns remove ${cluster.name} ${leaving.map(({ name }) => name).join(' ')}`],
      },
    );
  }
  if (left.length === 0) return cluster;
  application.observer.told?.(
    `${names(left)}, of an add that was killed, ${left.length === 1 ? 'is' : 'are'} taken away.`,
  );
  return takeAway(cluster, left, await planLeaving(cluster, left, true, application), application);
}

/** Who comes, and how. */
interface Growth {
  readonly topology: Topology;
  readonly newcomers: readonly Node[];
  /** The cluster with them. */
  readonly setting: Setting;
  readonly recipes: Equipment['recipes'];
  readonly joining: Joining;
}

/** Looks, and touches nothing. */
async function planGrowth(before: Cluster, request: AddRequest, context: Limited): Promise<Growth> {
  const { machine } = context;
  const topology = topologyNamed(before.topology);
  const { settings, seats } = topology.growth.settle(before, request);
  const here = await settingOf(machine, withLastRoles(machine, before));
  const image = request.image ?? imageOf(before);
  const server = await serverOfImage(machine, topology, image);
  const servers = new Map([...here.servers, ...seats.map((seat) => [seat.name, server] as const)]);
  const options = before.nodes[0]?.options ?? [];
  topology.check(buildsOf(servers), { settings, options, memory: before.memory });
  const newcomers = place(machine, topology, before, seats, servers);
  const cluster: Cluster = {
    ...here.cluster,
    settings,
    nodes: [...here.cluster.nodes, ...newcomers],
    nextIndex: before.nextIndex + newcomers.length,
  };
  const setting: Setting = { ...here, cluster, servers };
  const recipes = recipesOf(machine, topology, { options, settings }, servers, seats);
  const states = serversOf(machine, before.nodes);
  const joining = await topology.growth.grow({
    ...{ setting, before: here.cluster, newcomers },
    running: here.cluster.nodes.filter((node) => states.get(node.name)?.state === 'running'),
    pristines: new Map(
      [...recipes].flatMap(([name, { key }]) => {
        const directory = pristineDirectory(machine, key);
        return machine.files.exists(directory) ? [[name, directory] as const] : [];
      }),
    ),
  });
  return { topology, newcomers, setting, recipes, joining };
}

function imageOf({ nodes }: Cluster): string {
  const [first] = nodes;
  if (first === undefined) throw new Error('a cluster without nodes');
  return first.image;
}

async function serverOfImage(machine: Machine, topology: Topology, ref: string): Promise<NodeServer> {
  const image = await findImage(machine, ref);
  const build = await askServer(machine, image, topology.kind);
  return { build, image, rootMounts: await rootMounts(machine, image) };
}

/** Numbers go on from the last that was given; addresses are free ones. */
function place(
  machine: Machine,
  topology: Topology,
  cluster: Cluster,
  seats: readonly Seat[],
  servers: ReadonlyMap<string, NodeServer>,
): readonly Node[] {
  const taken = cluster.nodes.map(({ address }) => address);
  const addresses = allocateAddresses(cluster.network, taken, seats.length);
  return seats.map((seat, position) =>
    placeNode(seat, {
      ...{ machine, topology, cluster, server: serverOf({ servers }, seat), phase: 'adding' },
      index: cluster.nextIndex + position,
      address: addresses[position] ?? '',
      options: cluster.nodes[0]?.options ?? [],
    }),
  );
}

/** On disk first: who comes. The topology's words are saved when they are there. */
async function carryOut(before: Cluster, growth: Growth, context: Limited): Promise<Cluster> {
  const { machine } = context;
  const { setting, newcomers, recipes, joining } = growth;
  const pristine = newcomers.filter((node) => joining.beginsAs(node) === 'pristine');
  const needed = new Set(pristine.flatMap(({ name }) => recipes.get(name) ?? []));
  for (const recipe of needed) await ensurePristine(recipe, context);
  const { nextIndex } = setting.cluster;
  const coming: Cluster = { ...before, nodes: [...before.nodes, ...newcomers], nextIndex };
  await saveCluster(machine, coming);
  try {
    const stood = await standGround(coming, context);
    await join(growth, context);
    const nodes = stood.nodes.map((node) => ({ ...node, phase: 'added' as const }));
    const cluster = { ...stood, settings: setting.cluster.settings, nodes };
    await saveCluster(machine, cluster);
    return cluster;
  } catch (error) {
    throw await takenBack(error, coming, newcomers, context);
  }
}

async function join({ topology, setting, newcomers, recipes, joining }: Growth, context: Limited): Promise<void> {
  await applyPlan(dataPlan(topology, setting, recipes, newcomers, joining.beginsAs), {
    ...context,
    deadline: Infinity,
  });
  const stopWatching = watchTransfer(setting, newcomers, context.observer);
  const ends: Ends = new Map();
  try {
    await applyPlan(joining.join, context, ends);
  } finally {
    stopWatching();
  }
  await applyPlan(joining.finish, context, ends);
}

const TITLE = 'take back what was added';

/** Takes the newcomers away again, and answers the error to throw. */
async function takenBack(
  error: unknown,
  cluster: Cluster,
  newcomers: readonly Node[],
  context: Limited,
): Promise<unknown> {
  const { machine, observer } = context;
  observer.phaseFailed?.();
  const told =
    error instanceof NotReadyError
      ? explainByLog(error, { machine, cluster, suspects: newcomers, kept: [], again: [`dbns status ${cluster.name}`] })
      : error;
  const unstoppable = { ...context, signal: new AbortController().signal, deadline: Date.now() + TAKING_BACK };
  observer.phaseStarted?.(TITLE);
  try {
    const plan = await planLeaving(cluster, newcomers, true, unstoppable).catch(() => null);
    await takeAway(cluster, newcomers, plan, unstoppable);
  } catch (leftover) {
    const names = newcomers.map(({ name }) => name).join(' ');
    const suggestions = [
      ...(leftover instanceof DbnsError ? leftover.suggestions : []),
      `dbns remove ${cluster.name} ${names} --force`,
    ];
    const message = `${messageOf(told)}\nAnd what was added could not be taken back. ${messageOf(leftover)}`;
    return new NotReadyError(message, { cause: told, suggestions });
  }
  observer.phaseDone?.(TITLE);
  return told;
}

/** Milliseconds that those that stay may take for it. */
const TAKING_BACK = 60_000;
