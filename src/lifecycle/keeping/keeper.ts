import type { Cluster } from '../../cluster/cluster.js';
import { NotReadyError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { packagePath, packageVersion } from '../../host/package-files.js';
import { addToJournal, loadCluster } from '../../state/clusters.js';
import { keeperDirectory, loadKeeper, type KeeperRecord } from '../../state/keeper.js';
import { detachToLock } from '../background.js';
import { underMachineLock } from '../context.js';
import { dutyNames, loadDuties } from './duties.js';
import { endKeeper } from './end-keeper.js';
import { KEEPER } from './keeper-program.js';

/** The keeper of a cluster that lives now. */
export interface Keeper {
  readonly pid: number;
  /** Null until it has written what it does. */
  readonly record: KeeperRecord | null;
}

/** By the lock that it holds: whatever its pid was, who has that is the keeper. */
export function findKeeper(machine: Machine, cluster: string): Keeper | null {
  const pid = machine.processes.lockHolder(keeperDirectory(machine, cluster))?.pid;
  if (pid === undefined) return null;
  const record = loadKeeper(machine, cluster);
  return { pid, record: record?.process.pid === pid ? record : null };
}

/**
 * Sees to it that a cluster with duties has a keeper, of this dbns: one that died is started again, one of another version
 * is replaced. Without duties nothing is done: a keeper ends by itself when it has none.
 */
export async function ensureKeeper(machine: Machine, name: string): Promise<void> {
  const cluster = await loadCluster(machine, name);
  if (dutyNames(loadDuties(machine, cluster)).length === 0) return;
  const keeper = findKeeper(machine, name);
  if (keeper !== null && (keeper.record === null || keeper.record.dbns === packageVersion())) return;
  await endKeeper(machine, keeperDirectory(machine, name));
  await startKeeper(machine, name, cluster.id);
}

/**
 * Starts the keeper of a cluster that is a draft still, so that it stands before the first thing that the cluster makes. It
 * waits in there, and goes with the draft when nobody makes a cluster of that.
 */
export async function startEarly(machine: Machine, { name, id }: Cluster, draft: string): Promise<void> {
  const directory = `${draft}/keeper`;
  await machine.files.mkdir(directory);
  await detachToLock(machine, [...argvOf(name, id), draft], `${directory}/keeper.log`, directory);
}

function argvOf(name: string, id: string): readonly string[] {
  return [process.execPath, packagePath(KEEPER), name, id];
}

/** On disk first. Returns when it keeps, or has ended: of two that are started at once the second finds the lock held. */
export async function startKeeper(machine: Machine, name: string, id: string): Promise<void> {
  const directory = keeperDirectory(machine, name);
  await underMachineLock(machine, () => addToJournal(machine, name, [{ kind: 'keeper', directory }]));
  await machine.files.mkdir(directory);
  await detachToLock(machine, argvOf(name, id), `${directory}/keeper.log`, directory);
}

/** Milliseconds between two looks at what the keeper says. */
const PAUSE = 20;

/**
 * Waits until the keeper does a duty; it is started when it is not there.
 * @throws NotReadyError after `timeout` ms, with the keeper's reason.
 */
export async function untilKept(machine: Machine, name: string, duty: string, timeout: number): Promise<void> {
  const deadline = Date.now() + timeout;
  for (;;) {
    await ensureKeeper(machine, name);
    const duties = findKeeper(machine, name)?.record?.duties ?? {};
    if (duties[duty] === null) return;
    if (Date.now() >= deadline) {
      const why = duties[duty] === undefined ? '' : `: ${duties[duty]}`;
      throw new NotReadyError(`The keeper of '${name}' did not take up ${duty} in ${timeout / 1000} s${why}.`, {
        suggestions: [`cat ${keeperDirectory(machine, name)}/keeper.log`],
      });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
