import { NotReadyError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { clusterDirectory, noCluster } from '../../state/clusters.js';
import { rulesDirectory } from '../../state/rules.js';
import { lateSignal } from '../late.js';

/** ms: who has it renders a table, and is done in a moment. */
const PATIENCE = 10_000;

/**
 * Runs `act` under the lock of a cluster's rules: whoever reads them to make the kernel go by them has it, and whoever
 * changes them. It is taken inside of the cluster's own lock, or without that.
 * @throws NotFoundError when the cluster is gone.
 */
export async function underRulesLock<T>(machine: Machine, cluster: string, act: () => Promise<T>): Promise<T> {
  const directory = rulesDirectory(machine, cluster);
  // Never a cluster's directory anew: who destroyed it would find one that is broken.
  if (!machine.files.exists(clusterDirectory(machine, cluster))) throw await noCluster(machine, cluster);
  await machine.files.mkdir(directory);
  const late = new NotReadyError(`Another dbns is changing the rules of the cluster '${cluster}' for more than 10 s.`);
  const lock = await machine.lock(directory, { wait: true, signal: lateSignal(Date.now() + PATIENCE, late) });
  try {
    return await act();
  } finally {
    await lock?.release();
  }
}

/** The same under the locks of several, which all take in the order of their names. */
export async function underRulesLocks<T>(
  machine: Machine,
  clusters: readonly string[],
  act: () => Promise<T>,
): Promise<T> {
  const [first, ...others] = [...new Set(clusters)].sort();
  if (first === undefined) return act();
  return underRulesLock(machine, first, () => underRulesLocks(machine, others, act));
}
