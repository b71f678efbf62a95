import type { Cluster } from '../cluster/cluster.js';
import { ConflictError, LeftoverError } from '../errors/errors.js';
import type { Lock } from '../host/lock.js';
import type { Machine } from '../host/machine.js';
import {
  clusterDirectory,
  isHomeEmpty,
  loadJournal,
  removeEmptyHome,
  retireCluster,
  unsweptDirectories,
} from '../state/clusters.js';
import { loadProcesses } from '../state/processes.js';
import { underMachineLock } from './context.js';
import { leaveShared } from './shared.js';
import { undo } from './undo.js';

/** `list` and `status` hold the lock of a cluster in the making for a moment, to see whether its `create` lives. */
const ATTEMPTS = 5;
const PAUSE = 40;

/** @throws ConflictError when another dbns is at work on the cluster. */
export async function lockCluster(machine: Machine, name: string): Promise<Lock> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const lock = await machine.lock(clusterDirectory(machine, name));
    if (lock !== null) return lock;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new ConflictError(`Another dbns is at work on the cluster '${name}' right now.`, {
    suggestions: ['Wait until it has ended, or end it; then try again.'],
  });
}

/**
 * Removes all that a cluster's journal names, then the cluster itself: the one way out for `destroy` and for a `create`
 * that failed. Under the cluster's lock.
 * @throws LeftoverError naming what could not be removed; the cluster stays known then, so that it can be tried again.
 */
export async function removeCluster(machine: Machine, cluster: Cluster): Promise<void> {
  const leftovers = await undo(
    machine,
    cluster.id,
    loadJournal(machine, cluster.name),
    Object.values(loadProcesses(machine, cluster.name)),
  );
  if (leftovers.length > 0) {
    const told = leftovers.map(({ resource, reason }) => `  ${resource}: ${reason}`).join('\n');
    throw new LeftoverError(`Not everything of the cluster '${cluster.name}' could be removed:\n${told}`, {
      suggestions: [`dbns destroy ${cluster.name}`, 'dbns doctor'],
    });
  }
  await underMachineLock(machine, async () => {
    await leaveShared(machine, cluster.id);
    await retireCluster(machine, cluster);
  });
  await sweep(machine);
}

/** Removes the files of clusters that are gone, drafts of `create`s that died, and what held them when it is empty. */
export async function sweep(machine: Machine): Promise<readonly string[]> {
  if ((await unsweptDirectories(machine)).length === 0 && !(await isHomeEmpty(machine))) return [];
  return underMachineLock(machine, () => sweepLocked(machine));
}

/** The same, for who has the machine's lock. */
export async function sweepLocked(machine: Machine): Promise<readonly string[]> {
  const directories = await unsweptDirectories(machine);
  for (const directory of directories) await machine.files.remove(directory);
  await removeEmptyHome(machine);
  return directories;
}
