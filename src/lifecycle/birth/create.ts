import type { Cluster, ClusterSpec, Made } from '../../cluster/cluster.js';
import type { Lease } from '../../cluster/lease.js';
import { resourcesOf, type Plan } from '../../cluster/plan.js';
import type { Resource } from '../../cluster/resource.js';
import { ConflictError } from '../../errors/errors.js';
import type { Lock } from '../../host/lock.js';
import type { Machine } from '../../host/machine.js';
import { adviceFor, wayThrough } from '../../network/foreign-firewall.js';
import { observeNetwork } from '../../network/observe.js';
import { makeHome, readClusters, retireCluster, saveCluster, saveNewCluster } from '../../state/clusters.js';
import { keeperDirectory } from '../../state/keeper.js';
import { saveLease } from '../../state/lease.js';
import { topologyNamed } from '../../topologies/registry.js';
import { serverOf, type Setting } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import { requirePrograms, requireRoot, underMachineLock, type Context } from '../context.js';
import { assertLoadable, fillPlan, fillingOf, type Filling } from '../data/fill.js';
import { spread } from '../data/spread.js';
import { createPlan } from './create-plan.js';
import { copyOf } from '../data-directories.js';
import { failedCreate } from './failure.js';
import { formAnew, type Seed } from '../form.js';
import { serverOfImage } from '../image-server.js';
import { endKeeper } from '../keeping/end-keeper.js';
import { startEarly } from '../keeping/keeper.js';
import { grantLease, type LeaseRequest } from '../lease.js';
import { ensurePristine } from '../pristine.js';
import { randomPassword } from '../../servers/password.js';
import { resolveCluster, type Ground } from './reserve.js';
import { recorded } from '../record.js';
import { checkWords, equip, pristineDirectory, type Equipment, type Wanted } from '../resolve.js';
import { lockCluster } from '../lock.js';
import { sweepLocked } from '../removal/remove.js';
import { keepCopies } from '../running/keep-copies.js';
import { leaveShared, useShared } from '../ground/shared.js';
import { settled } from '../status.js';
import type { ClusterView } from '../view.js';

export interface CreateOptions {
  /** Milliseconds for all that servers do, that of a pristine directory among them; the ground takes no such time. */
  readonly timeout?: number;
  /** A cluster that did not come up is left for inspection. */
  readonly keepOnFailure?: boolean;
  /** For how long it is there; until somebody destroys it when absent. */
  readonly lease?: LeaseRequest;
}

const DEFAULT_TIMEOUT = 120_000;

/** A cluster that has its place on the machine, and its plan. */
interface Reservation extends Seed {
  readonly ground: Plan;
  readonly filling: Filling;
  /** The cluster's lock, held until `create` returns. */
  readonly lock: Lock;
}

/**
 * Makes a cluster and returns when every node is ready, asked over its socket and at its address. Whatever fails, and
 * an abort, is rolled back.
 * @throws UsageError, MachineError, NotFoundError, ConflictError before anything was touched; NotReadyError,
 *   InterruptedError, MachineError after the rollback; LeftoverError when that could not remove everything.
 */
export async function makeCluster(
  spec: ClusterSpec,
  context: Context,
  options: CreateOptions = {},
): Promise<ClusterView> {
  const topology = topologyNamed(spec.topology);
  const settled = checkWords(spec, topology);
  requireRoot(context.machine, `${topology.name} create`);
  requirePrograms(context.machine);
  const lease = options.lease === undefined ? null : grantLease(context.machine, options.lease);
  const filling = fillingOf(context.machine, spec);
  const deadline = Date.now() + (options.timeout ?? DEFAULT_TIMEOUT);
  const served = await findServers({ topology, spec, ...settled }, { ...context, deadline });
  const left = deadline - Date.now();
  const reservation = await reserve({ ...served, filling, lease }, context);
  try {
    const { cluster } = reservation.setting;
    const verb = { verb: 'create', nodes: cluster.nodes.map((node) => node.name) };
    return await recorded(context.machine, cluster.name, verb, async () => {
      await build(reservation, context, left);
      await fill(reservation, context, options.timeout ?? DEFAULT_TIMEOUT);
      return settle(context.machine, { ...cluster, phase: 'created' });
    });
  } catch (error) {
    throw await failedCreate(error, reservation.setting.cluster, context, options.keepOnFailure ?? false);
  } finally {
    await reservation.lock.release();
  }
}

async function settle(machine: Machine, cluster: Cluster): Promise<ClusterView> {
  const view = await settled(machine, cluster);
  await saveCluster(machine, { ...cluster, made: madeOf(machine, cluster, view) });
  return view;
}

/** What a reset goes back to. */
function madeOf(machine: Machine, { settings, nodes }: Cluster, view: ClusterView): Made {
  return {
    settings,
    roles: Object.fromEntries(view.nodes.map(({ name, role }) => [name, role])),
    init: nodes.every((node) => machine.files.exists(copyOf(node))),
  };
}

/** What is wanted, with the server of each node. */
type Served = Wanted & Equipment;

/** The same, with what it begins with, and for how long. */
type Asked = Served & { readonly filling: Filling; readonly lease: Lease | null };

/** The images, their servers, and the pristine directories, which outlive the cluster. */
async function findServers(wanted: Wanted, context: Context & { readonly deadline: number }): Promise<Served> {
  const { machine } = context;
  const { topology } = wanted;
  const { servers, recipes } = await equip(machine, wanted, (ref) => serverOfImage(machine, ref, topology.kind));
  const served = { ...wanted, servers, recipes };
  const different = [...new Set(recipes.values())];
  if (different.some(({ key }) => !machine.files.exists(pristineDirectory(machine, key)))) {
    // What is taken is told now, not after seconds of work.
    resolveCluster(await observeGround(served, context));
  }
  for (const recipe of different) await ensurePristine(recipe, context);
  return served;
}

async function observeGround(
  wanted: Omit<Ground, 'machine' | 'observation' | 'saved'>,
  { machine }: Context,
): Promise<Ground> {
  const [observation, saved] = await Promise.all([observeNetwork(machine), readClusters(machine)]);
  return { machine, ...wanted, observation, saved };
}

/** Finds a place for the cluster under the machine's lock: no two `create`s collide. One that fails leaves nothing. */
async function reserve(served: Asked, context: Context): Promise<Reservation> {
  return underMachineLock(context.machine, async () => {
    const ground = await observeGround(served, context);
    const cluster = resolveCluster(ground);
    assertStillThere(served, context);
    try {
      return await register(served, cluster, wayThrough(ground.observation), context);
    } catch (error) {
      await sweepLocked(context.machine).catch(() => undefined);
      throw error;
    }
  });
}

/** Who removes images and pristine directories has the machine's lock too, and may have come in between. */
function assertStillThere({ servers, recipes }: Served, { machine }: Context): void {
  for (const [name, { key }] of recipes) {
    if (machine.files.exists(pristineDirectory(machine, key))) continue;
    throw new ConflictError(
      `The image ${serverOf({ servers }, { name }).image.ref}, or what was made with it, was removed meanwhile.`,
      {
        suggestions: ['Type the same command again.'],
      },
    );
  }
}

/** Plans, and writes the plan's resources down. */
async function register(
  { topology, spec, servers, recipes, filling, lease }: Asked,
  cluster: Cluster,
  ways: ReturnType<typeof wayThrough>,
  { machine, observer }: Context,
): Promise<Reservation> {
  const password = spec.password ?? randomPassword();
  const setting: Setting = { machine, cluster, password, servers };
  assertLoadable(setting, filling);
  const internal = cluster.network.uplinks.length === 0;
  const plan = createPlan(topology, setting, recipes, ways.passable);
  const formations = topology.formations(setting);
  const resources = resourcesOf({ sequence: [plan, ...formations.slice(0, 1).map((way) => way.plan)] });
  await makeHome(machine);
  if (lease === null) await saveNewCluster(machine, cluster, resources, password);
  else await saveLeased(machine, cluster, resources, password, lease);
  const lock = await occupy(machine, cluster);
  if (!internal) for (const chain of ways.blocked) observer.warned?.(blockedWarning(cluster, chain));
  return { topology, setting, recipes, ground: plan, formations, filling, lock };
}

/** Its keeper stands before the first resource: a create that is killed goes too. */
async function saveLeased(
  machine: Machine,
  cluster: Cluster,
  resources: readonly Resource[],
  password: string,
  lease: Lease,
): Promise<void> {
  const keeper = { kind: 'keeper', directory: keeperDirectory(machine, cluster.name) } as const;
  await saveNewCluster(machine, cluster, [keeper, ...resources], password, async (draft) => {
    await saveLease(machine, draft, lease);
    await startEarly(machine, cluster, draft);
  });
}

/** From here on the cluster is there, for others too; when that fails it never was. */
async function occupy(machine: Machine, cluster: Cluster): Promise<Lock> {
  try {
    await useShared(machine, cluster.id, cluster.network.uplinks);
    return await lockCluster(machine, cluster.name);
  } catch (error) {
    await endKeeper(machine, keeperDirectory(machine, cluster.name));
    await leaveShared(machine, cluster.id).finally(() => retireCluster(machine, cluster));
    throw error;
  }
}

function blockedWarning({ network }: Cluster, chain: Parameters<typeof adviceFor>[0]): string {
  return `The chain ${chain.chain} of ${chain.family} ${chain.table} drops what is forwarded: nodes can't reach the outside, nor each other if br_netfilter is on. To let them: ${adviceFor(chain, network.bridge)}`;
}

async function build({ ground, ...seed }: Reservation, context: Context, timeout: number): Promise<void> {
  await applyPlan(ground, { ...context, deadline: Infinity });
  await formAnew(seed, { ...context, deadline: Date.now() + timeout });
}

/** Loads what the cluster is to begin with, however long that takes; then all nodes get it, in time. */
async function fill({ setting, filling }: Reservation, context: Context, timeout: number): Promise<void> {
  if (setting.cluster.init.length === 0) return;
  const { plan, at } = fillPlan(setting, filling, context);
  await applyPlan(plan, { ...context, deadline: Infinity });
  await spread(setting, await at(), { ...context, deadline: Date.now() + timeout });
  await keepCopies(setting.cluster, timeout, context);
}
