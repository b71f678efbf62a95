import type { Machine } from '../host/machine.js';
import { hasEnded } from '../process/find.js';

/** Ends who holds the lock on a keeper's directory; nobody is done. */
export async function endKeeper(machine: Machine, directory: string): Promise<void> {
  const pid = machine.processes.lockHolder(directory)?.pid;
  if (pid === undefined) return;
  machine.processes.signal(pid, 'SIGTERM');
  if (await hasEnded(machine, pid, Date.now() + PATIENCE)) return;
  machine.processes.signal(pid, 'SIGKILL');
  await hasEnded(machine, pid, Date.now() + PATIENCE);
}

/** ms that a keeper may take to end. */
const PATIENCE = 2000;
