import type { Machine } from '../../host/machine.js';
import { endProcess } from '../../process/end.js';

/** ms that a keeper may take to end. */
const PATIENCE = 2000;

/** Ends who holds the lock on a keeper's directory; nobody is done. A keeper that destroys its cluster ends by itself then. */
export async function endKeeper(machine: Machine, directory: string): Promise<void> {
  const pid = machine.processes.lockHolder(directory)?.pid;
  if (pid !== undefined && pid !== process.pid) await endProcess(machine, pid, Date.now() + PATIENCE);
}
