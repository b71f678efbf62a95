import type { Machine } from '../../host/machine.js';
import { clusterDirectory, nullWhenGone, readCluster, standbyNames } from '../../state/clusters.js';
import { isStandby, loadMark } from '../../state/standby.js';
import { forgetWish, wishDirectory, wishIds } from '../../state/wishes.js';
import { underMachineLock, type Context } from '../context.js';
import { endRefiller } from '../keeping/refiller.js';
import { lockCluster } from '../lock.js';
import { removeCluster } from './remove.js';

type Told = Pick<Context, 'machine' | 'observer'>;

/**
 * Removes a standby, also one that is being formed in the background; what somebody took meanwhile is theirs.
 * @throws ConflictError while another dbns is at work on it; LeftoverError.
 */
export async function removeStandby(machine: Machine, name: string): Promise<void> {
  await endRefiller(machine, clusterDirectory(machine, name));
  const lock = await lockCluster(machine, name).catch(nullWhenGone);
  try {
    if (lock !== null) await removeLocked(machine, name);
  } finally {
    await lock?.release();
  }
}

/** The same, for who has its lock. */
export async function removeLocked(machine: Machine, name: string): Promise<void> {
  const saved = await readCluster(machine, name);
  if (saved !== null && isStandby(machine, name)) await removeCluster(machine, saved);
}

/** Takes a wish back: who makes standbys for it ends, and those that stand go. Answers the names of these. */
export async function removeWish({ machine, observer }: Told, id: string): Promise<readonly string[]> {
  const title = `stop the standby ${id}`;
  observer.phaseStarted?.(title);
  await endRefiller(machine, wishDirectory(machine, id));
  // Who registers a standby has the machine's lock, and looks whether its wish is there still.
  await underMachineLock(machine, () => forgetWish(machine, id));
  const names = await standbysOf(machine, id);
  for (const name of names) await removeStandby(machine, name);
  observer.phaseDone?.(title);
  return names;
}

/** Takes all wishes back, and all standbys away, those too whose wish is lost. One that stays is an error of the answer. */
export async function removeStandbys(context: Told): Promise<readonly unknown[]> {
  const { machine, observer } = context;
  const failures: unknown[] = [];
  const note = (error: unknown) => {
    observer.phaseFailed?.();
    failures.push(error);
  };
  for (const id of await wishIds(machine)) await removeWish(context, id).catch(note);
  if (failures.length > 0) return failures;
  for (const name of await standbyNames(machine)) await removeStandby(machine, name).catch(note);
  return failures;
}

/** Names of the standbys of a wish. */
export async function standbysOf(machine: Machine, id: string): Promise<readonly string[]> {
  return (await standbyNames(machine)).filter((name) => loadMark(machine, name)?.wish === id);
}
