import { ConflictError } from '../errors/errors.js';
import type { LockHolder } from '../host/lock-holder.js';
import type { Lock } from '../host/lock.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from '../state/clusters.js';
import { KEEPER } from './keeping/keeper-program.js';

/** `list` and `status` hold the lock of a cluster in the making for a moment, to see whether its `create` lives. */
const ATTEMPTS = 5;
/** The keeper has it while it restarts a proxy; and who is not seen any more has ended, or is about to. */
const PATIENT_ATTEMPTS = 75;
const PAUSE = 40;

/** @throws ConflictError when another dbns is at work on the cluster, with its words, pid and age. */
export async function lockCluster(machine: Machine, name: string): Promise<Lock> {
  const directory = clusterDirectory(machine, name);
  for (let attempt = 1; ; attempt++) {
    const lock = await machine.lock(directory);
    if (lock !== null) return lock;
    const holder = machine.processes.lockHolder(directory);
    if (attempt >= (isPassing(holder) ? PATIENT_ATTEMPTS : ATTEMPTS)) throw busy(name, holder);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

function isPassing(holder: LockHolder | null): boolean {
  return holder === null || holder.argv.some((word) => word.endsWith(KEEPER));
}

function busy(name: string, holder: LockHolder | null): ConflictError {
  const who = holder === null ? '' : `: ${holderWords(holder)}`;
  return new ConflictError(`Another dbns is at work on the cluster '${name}' right now${who}.`, {
    suggestions: ['Wait until it has ended, or end it; then try again.'],
  });
}

/** `'dbns pxc create east' (pid 4711), for 12 s`; of a program that uses the library its own words. */
function holderWords({ pid, argv, age }: LockHolder): string {
  const [program = '', script = '', ...rest] = argv;
  if (script.endsWith(KEEPER)) return `the keeper (pid ${pid}), for ${Math.round(age)} s`;
  const words = /(^|\/)(dbns|run\.js)$/.test(script) ? ['dbns', ...rest] : [program, script, ...rest];
  return `'${words.join(' ').trim()}' (pid ${pid}), for ${Math.round(age)} s`;
}
