import { ConflictError } from '../errors/errors.js';
import type { LockHolder } from '../host/lock-holder.js';
import type { Lock } from '../host/lock.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from '../state/clusters.js';
import { KEEPER } from './keeping/keeper-program.js';

/** `list` and `status` hold the lock of a cluster in the making for a moment, to see whether its `create` lives. */
const ATTEMPTS = 5;
/** The keeper has it while it restarts a proxy. */
const ATTEMPTS_AFTER_KEEPER = 75;
const PAUSE = 40;

/** @throws ConflictError when another dbns is at work on the cluster, with its words, pid and age. */
export async function lockCluster(machine: Machine, name: string): Promise<Lock> {
  const directory = clusterDirectory(machine, name);
  for (let attempt = 1; attempt <= ATTEMPTS || isKeepers(machine, directory, attempt); attempt++) {
    const lock = await machine.lock(directory);
    if (lock !== null) return lock;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  const holder = machine.processes.lockHolder(directory);
  const who = holder === null ? '' : `: ${holderWords(holder)}`;
  throw new ConflictError(`Another dbns is at work on the cluster '${name}' right now${who}.`, {
    suggestions: ['Wait until it has ended, or end it; then try again.'],
  });
}

function isKeepers(machine: Machine, directory: string, attempt: number): boolean {
  const argv = machine.processes.lockHolder(directory)?.argv ?? [];
  return attempt <= ATTEMPTS_AFTER_KEEPER && argv.some((word) => word.endsWith(KEEPER));
}

/** `'dbns pxc create east' (pid 4711), for 12 s`; of a program that uses the library its own words. */
function holderWords({ pid, argv, age }: LockHolder): string {
  const [program = '', script = '', ...rest] = argv;
  const words = /(^|\/)(dbns|run\.js)$/.test(script) ? ['dbns', ...rest] : [program, script, ...rest];
  return `'${words.join(' ').trim()}' (pid ${pid}), for ${Math.round(age)} s`;
}
