import { MachineError } from '../errors/errors.js';
import { lacks } from '../host/lacks.js';
import type { Machine } from '../host/machine.js';

export { localMachine } from '../host/local-machine.js';
export { writeWhole } from '../host/whole-writes.js';
import type { Observer } from './apply.js';

/** What every function of the library may be given besides its own matter. */
export interface Context {
  readonly machine: Machine;
  readonly observer: Observer;
  /** Aborting it stops what is under way; its reason is the error that comes out. */
  readonly signal: AbortSignal;
}

/** @throws MachineError with the sentence to type. */
export function requireRoot(machine: Machine, words: string): void {
  if (machine.isRoot) return;
  throw new MachineError(`'dbns ${words}' needs root.`, { suggestions: [`sudo env "PATH=$PATH" dbns ${words}`] });
}

const PROGRAMS = ['ip', 'nft', 'bwrap', 'setpriv', 'flock', 'openssl'] as const;

/** @throws MachineError for the first program that a cluster needs and that is not there, before anything is touched. */
export function requirePrograms(machine: Machine): void {
  const missing = PROGRAMS.find((program) => machine.which(program) === null);
  if (missing !== undefined) throw lacks(missing);
}

/** Runs `act` under the machine's lock, which the kernel takes back should we die. */
export async function underMachineLock<T>(machine: Machine, act: () => Promise<T>): Promise<T> {
  await machine.files.mkdirAll(machine.roots.state);
  const lock = await machine.lock(machine.roots.state, { wait: true });
  try {
    return await act();
  } finally {
    await lock?.release();
  }
}
