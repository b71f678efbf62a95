import type { Machine } from '../../host/machine.js';
import { packagePath } from '../../host/package-files.js';
import { isSame } from '../../process/find.js';
import { endProcess } from '../../process/end.js';
import { nullWhenGone } from '../../state/clusters.js';
import { loadMaker, noteMaker, wishDirectory } from '../../state/wishes.js';
import { KEEPER, REFILL } from './keeper-program.js';

/** ms that one may take to end. */
const PATIENCE = 2000;

/**
 * Starts what makes the standbys of a wish that are missing, and ends with that: nobody waits for it. It gives way to all
 * others, where its servers can be given back their usual priority.
 */
export async function startRefiller(machine: Machine, id: string): Promise<void> {
  const gently = machine.processes.mayRaisePriority() ? ['nice', '-n', '19'] : [];
  const argv = [...gently, process.execPath, packagePath(KEEPER), REFILL, id];
  // Whoever takes the wish back takes its directory along.
  const spawned = await machine.detach(argv, `${wishDirectory(machine, id)}/refill.log`).catch(nullWhenGone);
  const maker = spawned === null ? null : machine.processes.identify(spawned.pid);
  if (maker !== null) await noteMaker(machine, id, maker).catch(nullWhenGone);
}

/** Whether somebody makes the standbys of a wish, or was just started to. */
export function isBeingMade(machine: Machine, id: string): boolean {
  const maker = loadMaker(machine, id);
  return (
    machine.processes.lockHolder(wishDirectory(machine, id)) !== null || (maker !== null && isSame(machine, maker))
  );
}

/** Ends a refiller that has the lock on a directory, a wish's or a standby's; whoever else has it goes on. */
export async function endRefiller(machine: Machine, directory: string): Promise<void> {
  const holder = machine.processes.lockHolder(directory);
  if (holder?.argv.includes(REFILL) === true) await endProcess(machine, holder.pid, Date.now() + PATIENCE);
}
