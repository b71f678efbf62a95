import type { Cluster, Made } from '../../cluster/cluster.js';
import { familyNames } from '../../cluster/family.js';
import { traitsOf } from '../../cluster/lan.js';
import type { Lease } from '../../cluster/lease.js';
import { resourcesOf, type Plan } from '../../cluster/plan.js';
import type { Resource } from '../../cluster/resource.js';
import { ConflictError, NotFoundError } from '../../errors/errors.js';
import type { Lock } from '../../host/lock.js';
import type { Machine } from '../../host/machine.js';
import { adviceFor, wayThrough } from '../../network/foreign-firewall.js';
import { ipv6Warning } from '../../network/ipv6.js';
import { observeNetwork } from '../../network/observe.js';
import { portsBetweenServers } from '../../network/rules.js';
import { makeHome, readClusters, retireCluster, saveCluster, saveNewCluster } from '../../state/clusters.js';
import { keeperDirectory } from '../../state/keeper.js';
import { saveLease } from '../../state/lease.js';
import { saveMark, type StandbyMark } from '../../state/standby.js';
import { loadWish } from '../../state/wishes.js';
import { serverOf, type Setting } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import { underMachineLock, type Context } from '../context.js';
import { assertLoadable, fillPlan, type Filling } from '../data/fill.js';
import { spread } from '../data/spread.js';
import { createPlan } from './create-plan.js';
import { copyOf } from '../data-directories.js';
import { failedCreate } from './failure.js';
import { formAnew, type Seed } from '../form.js';
import { serverOfImage } from '../image-server.js';
import { endKeeper } from '../keeping/end-keeper.js';
import { startEarly } from '../keeping/keeper.js';
import { ensurePristine } from '../pristine.js';
import { usualPriority } from '../../process/priority.js';
import { randomPassword } from '../../servers/password.js';
import { lanOf, resolveCluster, type Ground } from './reserve.js';
import { equip, pristineDirectory, type Equipment, type Wanted } from '../resolve.js';
import { lockCluster } from '../lock.js';
import { sweepLocked } from '../removal/remove.js';
import { keepCopies } from '../running/keep-copies.js';
import { nothingBut } from '../ground/ground.js';
import { unjoined } from '../ground/lan.js';
import { leaveShared, useShared } from '../ground/shared.js';
import { settled } from '../status.js';
import type { ClusterView } from '../view.js';

/** A cluster that has its place on the machine, and its plan. */
interface Reservation extends Seed {
  readonly ground: Plan;
  readonly filling: Filling;
  /** The cluster's lock, held until `create` returns. */
  readonly lock: Lock;
}

/** How long its servers may take, and what becomes of one that did not come up. */
export interface Terms {
  /** Milliseconds. */
  readonly timeout: number;
  /** What is left of that for the servers, milliseconds. */
  readonly left: number;
  readonly keepOnFailure: boolean;
}

/**
 * Brings a cluster to the world: finds its place, builds it, and returns when every node is ready, asked over its socket and
 * at its address. Whatever fails, and an abort, is rolled back.
 * @param around what is done before and after the building, e.g. recording it
 */
export async function bear(
  asked: Asked,
  context: Context,
  { timeout, left, keepOnFailure }: Terms,
  around: (cluster: Cluster, act: () => Promise<ClusterView>) => Promise<ClusterView>,
): Promise<ClusterView> {
  const reservation = await reserve(asked, context);
  const { cluster } = reservation.setting;
  try {
    return await around(cluster, async () => {
      await build(reservation, context, left);
      await fill(reservation, context, timeout);
      // Whoever makes it in the background gives way to all others; its servers are not to.
      if (asked.standby !== null) usualPriority(context.machine, namespacesOf(cluster));
      return settle(context.machine, { ...cluster, phase: 'created' });
    });
  } catch (error) {
    throw await failedCreate(error, cluster, context, keepOnFailure);
  } finally {
    await reservation.lock.release();
  }
}

function namespacesOf({ nodes }: Cluster): readonly string[] {
  return nodes.map(({ namespace }) => namespace);
}

async function settle(machine: Machine, cluster: Cluster): Promise<ClusterView> {
  const view = await settled(machine, cluster);
  await saveCluster(machine, { ...cluster, made: madeOf(machine, cluster, view) });
  return view;
}

/** What a reset goes back to. */
export function madeOf(machine: Machine, { settings, nodes }: Cluster, view: ClusterView): Made {
  return {
    settings,
    roles: Object.fromEntries(view.nodes.map(({ name, role }) => [name, role])),
    options: Object.fromEntries(nodes.map(({ name, options }) => [name, options])),
    init: nodes.every((node) => machine.files.exists(copyOf(node))),
  };
}

/** What is wanted, with the server of each node. */
type Served = Wanted & Equipment;

/** The same, with what it begins with, and for whom it is. */
export type Asked = Served & {
  readonly filling: Filling;
  /** For how long; until somebody destroys it when null. */
  readonly lease: Lease | null;
  /** It is for whoever asks next; null where somebody asked. */
  readonly standby: StandbyMark | null;
};

/** The images, and their servers. */
export async function equipAnew(machine: Machine, wanted: Wanted): Promise<Served> {
  const equipment = await equip(machine, wanted, (ref) => serverOfImage(machine, ref, wanted.topology.kind));
  return { ...wanted, ...equipment };
}

/** Sees to the pristine directories, which outlive the cluster. */
export async function ensurePristines(served: Served, context: Context & { readonly deadline: number }): Promise<void> {
  const { machine } = context;
  const different = [...new Set(served.recipes.values())];
  if (different.some(({ key }) => !machine.files.exists(pristineDirectory(machine, key)))) {
    // What is taken is told now, not after seconds of work.
    resolveCluster(await observeGround(served, context));
  }
  for (const recipe of different) await ensurePristine(recipe, context);
}

async function observeGround(
  wanted: Omit<Ground, 'machine' | 'observation' | 'saved' | 'lan'>,
  { machine }: Context,
): Promise<Ground> {
  const [observation, saved] = await Promise.all([
    observeNetwork(machine, { ipv6: wanted.spec.ipv6 }),
    readClusters(machine),
  ]);
  return { machine, ...wanted, observation, saved, lan: await lanOf(machine, wanted.spec) };
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
  { topology, spec, servers, recipes, filling, ...birth }: Asked,
  cluster: Cluster,
  ways: ReturnType<typeof wayThrough>,
  { machine, observer }: Context,
): Promise<Reservation> {
  const password = spec.password ?? randomPassword();
  const setting: Setting = { machine, cluster, password, servers };
  assertLoadable(setting, filling);
  const internal = cluster.network.uplinks.length === 0;
  const present = nothingBut(internal ? [] : ways.passable, await unjoined(machine, cluster));
  const plan = createPlan(topology, setting, recipes, present);
  const formations = topology.formations(setting);
  const resources = resourcesOf({ sequence: [plan, ...formations.slice(0, 1).map((way) => way.plan)] });
  await makeHome(machine);
  await save(machine, cluster, resources, password, birth);
  const lock = await occupy(machine, cluster);
  for (const warning of warningsOf(machine, cluster, ways)) observer.warned?.(warning);
  return { topology, setting, recipes, ground: plan, formations, filling, lock };
}

/** With what makes it a standby, or leased: there before anybody sees it. */
async function save(
  machine: Machine,
  cluster: Cluster,
  resources: readonly Resource[],
  password: string,
  { lease, standby }: Pick<Asked, 'lease' | 'standby'>,
): Promise<void> {
  const keeper: readonly Resource[] =
    lease === null ? [] : [{ kind: 'keeper', directory: keeperDirectory(machine, cluster.name) }];
  await saveNewCluster(machine, cluster, [...keeper, ...resources], password, async (draft) => {
    if (standby !== null) await markDraft(machine, draft, standby);
    if (lease === null) return;
    await saveLease(machine, draft, lease);
    // It stands before the first resource: a create that is killed goes too.
    await startEarly(machine, cluster, draft);
  });
}

/** @throws NotFoundError when it is not wanted any more; who takes the wish back has the machine's lock too. */
async function markDraft(machine: Machine, draft: string, mark: StandbyMark): Promise<void> {
  if (loadWish(machine, mark.wish) === null) throw new NotFoundError(`The standby ${mark.wish} was stopped meanwhile.`);
  await saveMark(machine, draft, mark);
}

/** From here on the cluster is there, for others too; when that fails it never was. */
async function occupy(machine: Machine, cluster: Cluster): Promise<Lock> {
  try {
    await useShared(machine, cluster.id, cluster.network.uplinks, familyNames(cluster.network));
    return await lockCluster(machine, cluster.name);
  } catch (error) {
    await endKeeper(machine, keeperDirectory(machine, cluster.name));
    await leaveShared(machine, cluster.id).finally(() => retireCluster(machine, cluster));
    throw error;
  }
}

/** What is in the cluster's way: of the kernel, and of other firewalls. */
function warningsOf(
  machine: Machine,
  cluster: Cluster,
  { blocked, passable }: ReturnType<typeof wayThrough>,
): readonly string[] {
  const { lan, uplinks } = cluster.network;
  if (lan !== null)
    return traitsOf(cluster.network).meetsFirewall
      ? [...blocked, ...passable].map((chain) => lanWarning(cluster, chain))
      : [unguardedWarning(cluster)];
  if (uplinks.length === 0) return [];
  return [
    ipv6Warning(machine, cluster.network) ?? [],
    ...blocked.map((chain) => blockedWarning(cluster, chain)),
  ].flat();
}

/** What nft can't do where no packet passes it. */
function unguardedWarning({ network, nodes }: Cluster): string {
  const ports = portsBetweenServers(nodes);
  const open =
    ports.length === 0
      ? ''
      : ` Others there reach the ports ${ports.join(', ')}, where servers meet and nobody is asked for a password.`;
  return `Packets at ${network.lan?.to ?? ''} do not meet nft.${open} Of faults there are cut, kill, pause, and slow without loss and duplicates.`;
}

/** dbns lets nothing through the bridge of somebody else. */
function lanWarning({ network }: Cluster, { family, table, chain }: Parameters<typeof adviceFor>[0]): string {
  const bridge = network.zones[0]?.bridge ?? '';
  const rule = `nft insert rule ${family} ${table} ${chain} iifname "${bridge}" oifname "${bridge}" accept`;
  return `Packets within ${bridge} meet the chain ${chain} of ${family} ${table} if br_netfilter is on, and may be dropped there. To let them: ${rule}`;
}

function blockedWarning({ network }: Cluster, chain: Parameters<typeof adviceFor>[0]): string {
  return `The chain ${chain.chain} of ${chain.family} ${chain.table} drops what is forwarded: nodes can't reach the outside, nor each other if br_netfilter is on. To let them: ${adviceFor(chain, `${network.stem}*`)}`;
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
