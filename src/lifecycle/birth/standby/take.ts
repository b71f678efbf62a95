import { cameUp, type Cluster } from '../../../cluster/cluster.js';
import type { Lease } from '../../../cluster/lease.js';
import { InterruptedError, NotReadyError, messageOf } from '../../../errors/errors.js';
import type { Machine } from '../../../host/machine.js';
import { clusterDirectory, loadCluster, loadPassword, nullWhenGone, saveCluster } from '../../../state/clusters.js';
import { forgetEvents } from '../../../state/events.js';
import { forgetLease, saveLease } from '../../../state/lease.js';
import { forgetMark, loadMark } from '../../../state/standby.js';
import type { Wish } from '../../../state/wishes.js';
import type { Setting, Topology } from '../../../topologies/topology.js';
import { applyPlan } from '../../apply.js';
import type { Context } from '../../context.js';
import { startKeeper } from '../../keeping/keeper.js';
import { recorded } from '../../record.js';
import { removeLocked, standbysOf } from '../../removal/standby.js';
import type { Equipment, Wanted } from '../../resolve.js';
import { viewCluster } from '../../status.js';
import type { ClusterView } from '../../view.js';
import { madeOf } from '../bear.js';
import { buildOf, wishFor } from './match.js';

/** What is asked of the cluster that is taken. */
type Taker = Wanted & Equipment & { readonly lease: Lease | null };

/** ms that its servers have to answer once more: they are ready, or are not. */
const PATIENCE = 5000;

/**
 * Takes the first standby of a wish that nobody else is taking: from then on it is as if `create` had made it just now. Null
 * when there is none; one that is not well, or was made from something else, is destroyed, and that is told.
 * @throws what an abort says; what is not taken by then is a standby still.
 */
export async function takeStandby(taker: Taker, wish: Wish, context: Context): Promise<ClusterView | null> {
  const { machine } = context;
  const { name: wanted } = taker.spec;
  for (const name of await standbysOf(machine, wish.id)) {
    if (wanted !== undefined && wanted !== name) continue;
    const lock = await machine.lock(clusterDirectory(machine, name)).catch(nullWhenGone);
    // Who has it is taking it, or is still forming it.
    if (lock === null) continue;
    try {
      const taken = loadMark(machine, name)?.wish === wish.id ? await takeLocked(name, taker, wish, context) : null;
      if (taken !== null) return taken;
    } finally {
      await lock.release();
    }
  }
  return null;
}

/** Null when it could not be had; it is gone then. */
async function takeLocked(name: string, taker: Taker, { id }: Wish, context: Context): Promise<ClusterView | null> {
  const { machine, observer } = context;
  try {
    const cluster = await fit(machine, name, taker);
    const verb = { verb: 'create', nodes: cluster.nodes.map((node) => node.name), about: `from the standby ${id}` };
    // What was begun by one that was killed is of nobody's cluster.
    await forgetEvents(machine, name);
    return await recorded(machine, name, verb, () => take(cluster, taker, context));
  } catch (error) {
    context.signal.throwIfAborted();
    if (error instanceof InterruptedError) throw error;
    observer.warned?.(`The standby '${name}' is destroyed, and a cluster made anew: ${messageOf(error)}`);
    await removeLocked(machine, name);
    return null;
  }
}

/** @throws NotReadyError for one that can't be taken as what is asked for. */
async function fit(machine: Machine, name: string, taker: Taker): Promise<Cluster> {
  if (loadMark(machine, name)?.build !== buildOf(taker)) {
    throw new NotReadyError('its image, or dbns, was another when it was formed.');
  }
  const cluster = await loadCluster(machine, name);
  if (!cameUp(cluster)) throw new NotReadyError('its forming was cut short.');
  return cluster;
}

/** The mark goes last: killed before that it is a standby still, and afterwards a whole cluster. */
async function take(standby: Cluster, { lease, topology, servers }: Taker, context: Context): Promise<ClusterView> {
  const { machine, signal } = context;
  const { name } = standby;
  const cluster = { ...standby, createdAt: new Date().toISOString() };
  if (lease === null) await forgetLease(machine, name);
  else {
    await saveLease(machine, clusterDirectory(machine, name), lease);
    await startKeeper(machine, name, cluster.id);
  }
  const setting = { machine, cluster, password: loadPassword(machine, name), servers };
  const view = await askAll(setting, topology, context);
  await saveCluster(machine, { ...cluster, made: madeOf(machine, cluster, view) });
  signal.throwIfAborted();
  await forgetMark(machine, name);
  return view;
}

/** What `create` promises, asked once more of all servers at once: over their sockets, and at their addresses. */
async function askAll(setting: Setting, topology: Topology, context: Context): Promise<ClusterView> {
  const ill = new AbortController();
  const view = viewCluster(setting.machine, setting.cluster, PATIENCE).then((seen) => {
    assertWell(seen);
    return seen;
  });
  // Nobody logs in again and again on what is known to be ill.
  view.catch((error: unknown) => {
    ill.abort(error);
  });
  const signal = AbortSignal.any([context.signal, ill.signal]);
  await applyPlan(topology.logins(setting), { ...context, signal, deadline: Date.now() + PATIENCE });
  return view;
}

function assertWell({ state, nodes }: ClusterView): void {
  if (state === 'running') return;
  const ill = nodes.filter(({ healthy }) => !healthy).map(({ name, process }) => `${name} is ${process}`);
  throw new NotReadyError(`${ill.join(', ') || `it is ${state}`}.`);
}

/** What a dry run says of the standbys that a `create` would find. */
export async function standbyNotes(machine: Machine, wanted: Wanted & Equipment): Promise<readonly string[]> {
  const wish = await wishFor(machine, wanted);
  const names = wish === null ? [] : await standbysOf(machine, wish.id);
  const name = names.find((one) => loadMark(machine, one)?.build === buildOf(wanted));
  return name === undefined
    ? []
    : [`The standby '${name}' is there: a create takes it instead, if its servers are well.`];
}
