import type { Machine } from '../host/machine.js';
import { clusterDirectory } from '../state/clusters.js';

/** A call that goes on without who began it. */
export interface Background {
  readonly pid: number;
  /** What it prints. */
  readonly log: string;
}

/** Milliseconds between two looks. */
const PAUSE = 20;

/**
 * Lets a call of dbns go on in the background, and returns when it is at work on the cluster: whoever comes then waits for
 * it, or is told of it. One that has ended by then answers how, and what it printed.
 */
export async function goOnWithout(
  machine: Machine,
  name: string,
  argv: readonly string[],
): Promise<Background | { readonly ended: string; readonly printed: string }> {
  const directory = clusterDirectory(machine, name);
  const log = `${directory}/background.log`;
  await machine.files.write(log, '', { mode: 0o600 });
  const { pid, ended } = await detachToLock(machine, argv, log, directory);
  return ended === null ? { pid, log } : { ended, printed: machine.files.read(log) ?? '' };
}

/** Starts what goes on without us; returns when it has taken the lock on a directory, or with how it ended before. */
export async function detachToLock(
  machine: Machine,
  argv: readonly string[],
  log: string,
  directory: string,
): Promise<{ readonly pid: number; readonly ended: string | null }> {
  const { pid, exited } = await machine.detach(argv, log);
  const end: { words?: string } = {};
  void exited.then((words) => (end.words = words));
  while (machine.processes.lockHolder(directory)?.pid !== pid) {
    if (end.words !== undefined) return { pid, ended: end.words };
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return { pid, ended: null };
}
