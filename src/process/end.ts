import type { Machine } from '../host/machine.js';
import { KILL_PATIENCE, hasEnded, sandboxPids } from './find.js';

/** Asks a process to end, and kills one that has not by a deadline, ms since the epoch. Returns when it is gone. */
export async function endProcess(
  machine: Machine,
  pid: number,
  deadline: number,
  signal?: AbortSignal,
): Promise<'stopped' | 'killed'> {
  machine.processes.signal(pid, 'SIGTERM');
  if (await hasEnded(machine, pid, deadline, signal)) return 'stopped';
  await killProcess(machine, pid);
  return 'killed';
}

/** Kills a process, and returns when it is gone. */
export async function killProcess(machine: Machine, pid: number): Promise<void> {
  machine.processes.signal(pid, 'SIGKILL');
  await hasEnded(machine, pid, Date.now() + KILL_PATIENCE);
}

/** Lets a server go on, and all that runs beside it in its sandbox: people's own programs in the namespace are not in there. */
export function wake(machine: Machine, namespace: string): void {
  for (const pid of sandboxPids(machine, namespace)) machine.processes.signal(pid, 'SIGCONT');
}
