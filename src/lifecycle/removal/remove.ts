import type { LeftoverError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import {
  clusterDirectory,
  isHomeEmpty,
  nodeDirectories,
  removeEmptyHome,
  retireCluster,
  retiredDirectory,
  unsweptDirectories,
  type SavedCluster,
} from '../../state/clusters.js';
import { underMachineLock } from '../context.js';
import { estateOf } from './estate.js';
import { leftoverError, leftoverOf, removeAll, type Leftover } from '../leftover.js';
import { leaveShared } from '../ground/shared.js';
import { undo } from './undo.js';

/**
 * Removes all that a cluster made, then its data, then the cluster itself: the one way out for `destroy` and for a
 * `create` that failed. Under the cluster's lock.
 * @throws LeftoverError naming what could not be removed, and what to type. The cluster stays known then, so that it can
 *   be tried again, but for what only shows when it is gone.
 */
export async function removeCluster(machine: Machine, saved: SavedCluster): Promise<void> {
  const { ids, parts, recorded } = await estateOf(machine, saved);
  const leftovers: Leftover[] = [];
  const data = await nodeDirectories(machine, saved.name);
  for (const [index, { id, journal }] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const removeData = () => removeAll(machine, isLast && leftovers.length === 0 ? data : []);
    leftovers.push(...(await undo(machine, id, journal, recorded, removeData)));
  }
  if (leftovers.length > 0) throw notRemoved(saved.name, leftovers, [`dbns destroy ${saved.name}`]);
  const [id] = ids;
  const { name } = saved;
  const stayed = (files: string, again: string) => (error: unknown) => {
    throw notRemoved(name, [leftoverOf(files, error)], [again]);
  };
  await underMachineLock(machine, async () => {
    for (const user of ids) await leaveShared(machine, user);
    const own = clusterDirectory(machine, name);
    await retireCluster(machine, { id, name }).catch(stayed(own, `dbns destroy ${name}`));
    const files = retiredDirectory(machine, id);
    await machine.files.remove(files).catch(stayed(files, 'dbns doctor --fix'));
    await sweepLocked(machine);
  });
}

function notRemoved(name: string, leftovers: readonly Leftover[], again: readonly string[]): LeftoverError {
  return leftoverError(`Not everything of the cluster '${name}' could be removed:`, leftovers, again);
}

/**
 * Removes the files of clusters that are gone, drafts of `create`s that died, and what held them when it is empty.
 * Answers what stayed: that is no matter of whoever comes after.
 */
export async function sweep(machine: Machine): Promise<readonly Leftover[]> {
  if ((await unsweptDirectories(machine)).length === 0 && !(await isHomeEmpty(machine))) return [];
  return underMachineLock(machine, () => sweepLocked(machine));
}

/** The same, for who has the machine's lock. */
export async function sweepLocked(machine: Machine): Promise<readonly Leftover[]> {
  const leftovers = await removeAll(machine, await unsweptDirectories(machine));
  await removeEmptyHome(machine);
  return leftovers;
}
