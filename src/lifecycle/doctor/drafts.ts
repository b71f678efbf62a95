import type { Machine } from '../../host/machine.js';
import { removeUnfinishedTrees, unfinishedTrees } from '../../images/unfinished.js';
import { unsweptDirectories } from '../../state/clusters.js';
import { underMachineLock } from '../context.js';
import { leftoverError, type Leftover } from '../leftover.js';
import { damagedPristines, removeDrafts } from '../pristine.js';
import { sweep } from '../removal/remove.js';
import { pristinesDirectory } from '../resolve.js';
import { FIX, type Remnant } from './remnant.js';

/** Directories of clusters that never came to be, or are gone. A living `create` has its draft under the lock. */
export async function findDrafts(machine: Machine): Promise<readonly Remnant[]> {
  if ((await unsweptDirectories(machine)).length === 0) return [];
  const directories = await underMachineLock(machine, () => unsweptDirectories(machine));
  const remove = async () => {
    assertGone(await sweep(machine));
  };
  return remnants('files of clusters that are gone', directories, remove);
}

/** Trees of pulls and removals of images that were cut short. */
export async function findPartialImages(machine: Machine): Promise<readonly Remnant[]> {
  return remnants('images half made', await unfinishedTrees(machine), () => removeUnfinishedTrees(machine));
}

/** Pristine directories that were left half made. */
export async function findPristineDrafts(machine: Machine): Promise<readonly Remnant[]> {
  if ((await draftsIn(machine)).length === 0) return [];
  const drafts = await unlessBusy(machine, () => draftsIn(machine));
  const remove = async () => {
    assertGone((await unlessBusy(machine, () => removeDrafts(machine))) ?? []);
  };
  return remnants('pristine directories half made', drafts ?? [], remove);
}

function assertGone(stayed: readonly Leftover[]): void {
  if (stayed.length > 0) throw leftoverError('Not everything could be removed:', stayed, []);
}

/** Pristine directories that are not as they were made: the next `create` would make them anew, and say so. */
export async function findDamagedPristines(machine: Machine): Promise<readonly Remnant[]> {
  if (!machine.isRoot) return [];
  const damaged = (await unlessBusy(machine, () => damagedPristines(machine))) ?? [];
  return damaged.map(({ directory, why }) => ({
    found: `a pristine directory can't be trusted: ${why}`,
    advice: FIX,
    remove: async () => {
      await unlessBusy(machine, () => machine.files.remove(directory));
    },
  }));
}

/** A whole one has the name of its key, in hex digits. */
async function draftsIn(machine: Machine): Promise<readonly string[]> {
  const entries = await machine.files.list(pristinesDirectory(machine));
  return entries.filter(({ name }) => name.startsWith('.')).map(({ name }) => `${pristinesDirectory(machine)}/${name}`);
}

/** Null while somebody makes a pristine directory: then no draft is of the dead. */
async function unlessBusy<T>(machine: Machine, act: () => Promise<T>): Promise<T | null> {
  if (!machine.files.exists(pristinesDirectory(machine))) return null;
  const lock = await machine.lock(pristinesDirectory(machine));
  if (lock === null) return null;
  return act().finally(() => lock.release());
}

function remnants(what: string, paths: readonly string[], remove: () => Promise<void>): readonly Remnant[] {
  return paths.length === 0 ? [] : [{ found: `${what}: ${paths.join(', ')}`, advice: FIX, remove }];
}
