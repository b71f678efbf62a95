import { MachineError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { Filling } from './pull-options.js';

/** @throws MachineError when fewer bytes are free than a pull takes while it goes on. */
export async function requireRoom(machine: Machine, { ref, directory }: Filling, needed: number): Promise<void> {
  const free = await machine.files.free(directory);
  if (free >= needed) return;
  throw new MachineError(
    `Pulling ${ref} takes ${megabytes(needed)}; on the disk of ${directory} ${megabytes(free)} are free.`,
    { suggestions: [`df -h ${machine.roots.state}`, 'dbns image prune', 'dbns image list'] },
  );
}

export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1_000_000)} MB`;
}
