import type { Cluster } from '../cluster/cluster.js';
import { ConflictError, InterruptedError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { loadCluster } from '../state/clusters.js';
import { lockCluster } from './lock.js';
import { namingFaults } from './ground/name-faults.js';
import { dropLostLinks } from './ground/lost-links.js';
import { takeOffEnded } from './removal/detach.js';
import { recorded, type Verb } from './record.js';
import { selectName } from './select.js';

/** A verb that has the cluster to itself. */
export interface LockedVerb<T> extends Verb<T> {
  /** What takes it up again after an abort, which is told; absent where the abort says it itself. */
  readonly again?: string;
}

/**
 * Does what changes a cluster that is there, under its lock, and records it; the cluster is read anew.
 * @throws NotFoundError; ConflictError while another dbns is at work on it, and for a cluster that never came up.
 */
export async function underClusterLock<T>(
  machine: Machine,
  name: string,
  verb: LockedVerb<T>,
  act: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  await selectName(machine, name);
  return recorded(machine, name, verb, () => underLock(machine, name, verb.again, act));
}

async function underLock<T>(
  machine: Machine,
  name: string,
  again: string | undefined,
  act: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const lock = await lockCluster(machine, name);
  try {
    const saved = await loadCluster(machine, name);
    if (saved.phase !== 'created')
      throw new ConflictError(`The cluster '${name}' never came up.`, { suggestions: [`dbns destroy ${name}`] });
    await dropLostLinks(machine).catch(() => undefined);
    const cluster = await takeOffEnded(machine, saved);
    const named = () => namingFaults(machine, name, () => act(cluster));
    return await (again === undefined ? named() : takenUpBy(again, named));
  } finally {
    await lock.release();
  }
}

/** Says after an abort with which words it is taken up again. */
export async function takenUpBy<T>(words: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof InterruptedError) throw new InterruptedError(error.signal, `'${words}' takes it up again`);
    throw error;
  }
}
