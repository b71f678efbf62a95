import { cameUp } from '../../../cluster/cluster.js';
import { messageOf } from '../../../errors/errors.js';
import type { Machine } from '../../../host/machine.js';
import { findServers } from '../../../process/find.js';
import { isBroken, nullWhenGone, readCluster } from '../../../state/clusters.js';
import { loadMark } from '../../../state/standby.js';
import { loadWish, noteFailure, wishDirectory, type Wish } from '../../../state/wishes.js';
import { topologyNamed } from '../../../topologies/registry.js';
import type { Context } from '../../context.js';
import { fillingOf } from '../../data/fill.js';
import { startRefiller } from '../../keeping/refiller.js';
import { removeStandby, standbysOf } from '../../removal/standby.js';
import { checkWords, type Equipment, type Wanted } from '../../resolve.js';
import { bear, ensurePristines, equipAnew } from '../bear.js';
import { buildOf } from './match.js';

/**
 * Makes the standbys of a wish that are missing, one after another, in place of those too that nobody could take. Why one
 * did not come up is kept. One call at a time: others wait for it, and look then.
 * @throws what `makeCluster` throws.
 */
export async function refill(id: string, context: Context): Promise<void> {
  const { machine, signal } = context;
  const lock = await machine.lock(wishDirectory(machine, id), { wait: true, signal }).catch(nullWhenGone);
  try {
    const wish = loadWish(machine, id);
    if (lock === null || wish === null) return;
    await makeMissing(wish, context);
    await noteFailure(machine, id, null);
  } catch (error) {
    await noteFailure(machine, id, { at: machine.now().at, message: messageOf(error) });
    throw error;
  } finally {
    await lock?.release();
  }
}

/** Lets the missing standbys of wishes be made without us. That it could not be begun shows in their list, and fails nobody. */
export async function refillLater(machine: Machine, ids: Iterable<string>): Promise<void> {
  for (const id of ids) {
    const wish = loadWish(machine, id);
    if (wish !== null && (await standbysOf(machine, id)).length < wish.ready)
      await startRefiller(machine, id).catch(() => undefined);
  }
}

async function makeMissing(wish: Wish, context: Context): Promise<void> {
  const { machine } = context;
  const { spec } = wish;
  const topology = topologyNamed(spec.topology);
  const served = await equipAnew(machine, { topology, ...checkWords(spec, topology) });
  const build = buildOf(served);
  const names = await standbysOf(machine, wish.id);
  const fit: string[] = [];
  for (const name of names) {
    if (fit.length < wish.ready && (await isFit(machine, name, build))) fit.push(name);
    else await removeStandby(machine, name);
  }
  for (let count = fit.length; count < wish.ready; count++) await makeOne(wish, served, context);
}

/** Whether its servers run, and are those that a `create` would start now. */
async function isFit(machine: Machine, name: string, build: string): Promise<boolean> {
  const saved = await readCluster(machine, name);
  if (saved === null || isBroken(saved) || !cameUp(saved) || loadMark(machine, name)?.build !== build) return false;
  const servers = findServers(
    machine,
    saved.nodes.map(({ namespace }) => namespace),
  );
  return [...servers.values()].every(({ state }) => state === 'running');
}

async function makeOne({ id, spec, timeout }: Wish, served: Wanted & Equipment, context: Context): Promise<void> {
  const { machine } = context;
  const deadline = Date.now() + timeout;
  await ensurePristines(served, { ...context, deadline });
  const filling = fillingOf(machine, spec);
  const standby = { wish: id, build: buildOf(served) };
  const terms = { timeout, left: deadline - Date.now(), keepOnFailure: false };
  await bear({ ...served, filling, lease: null, standby }, context, terms, (_, act) => act());
}
