import type { Cluster } from '../cluster/cluster.js';
import { ConflictError, InterruptedError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { loadCluster } from '../state/clusters.js';
import { lockCluster } from './lock.js';
import { dropLostLinks } from './ground/lost-links.js';
import { takeOffEnded } from './removal/detach.js';
import { recorded, type Verb } from './record.js';
import { selectName } from './select.js';

/** A verb that has the cluster to itself. */
export interface LockedVerb<T> extends Verb<T> {
  /** What takes it up again after an abort, which is told; absent where the abort says it itself. */
  readonly again?: string;
  /** It is a reset, and so takes up one that was cut short. */
  readonly resets?: boolean;
}

/**
 * Does what changes a cluster that is there, under its lock, and records it; the cluster is read anew.
 * @throws NotFoundError; ConflictError while another dbns is at work on it, and for a cluster that never came up, or whose
 *   reset was cut short.
 */
export async function underClusterLock<T>(
  machine: Machine,
  name: string,
  verb: LockedVerb<T>,
  act: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  await selectName(machine, name);
  return recorded(machine, name, verb, () => underLock(machine, name, verb, act));
}

/** The same for a part of a verb that is recorded as a whole, and lets others in between. */
export function withClusterLock<T>(machine: Machine, name: string, act: (cluster: Cluster) => Promise<T>): Promise<T> {
  return underLock(machine, name, {}, act);
}

async function underLock<T>(
  machine: Machine,
  name: string,
  { again, resets = false }: Pick<LockedVerb<T>, 'again' | 'resets'>,
  act: (cluster: Cluster) => Promise<T>,
): Promise<T> {
  const lock = await lockCluster(machine, name);
  try {
    const saved = await loadCluster(machine, name);
    assertUsable(saved, resets);
    await dropLostLinks(machine).catch(() => undefined);
    const cluster = await takeOffEnded(machine, saved);
    return await (again === undefined ? act(cluster) : takenUpBy(again, () => act(cluster)));
  } finally {
    await lock.release();
  }
}

function assertUsable({ name, phase }: Cluster, resets: boolean): void {
  if (phase === 'created' || (phase === 'resetting' && resets)) return;
  const advice = [`dbns destroy ${name}`];
  if (phase !== 'resetting') throw new ConflictError(`The cluster '${name}' never came up.`, { suggestions: advice });
  throw new ConflictError(`A reset of '${name}' was cut short: its nodes may have data, or none.`, {
    suggestions: [`dbns reset ${name}`, ...advice],
  });
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
