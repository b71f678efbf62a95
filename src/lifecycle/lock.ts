import { ConflictError } from '../errors/errors.js';
import type { LockHolder } from '../host/lock-holder.js';
import type { Lock } from '../host/lock.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from '../state/clusters.js';

/** `list` and `status` hold the lock of a cluster in the making for a moment, to see whether its `create` lives. */
const ATTEMPTS = 5;
const PAUSE = 40;

/** @throws ConflictError when another dbns is at work on the cluster, with its words, pid and age. */
export async function lockCluster(machine: Machine, name: string): Promise<Lock> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const lock = await machine.lock(clusterDirectory(machine, name));
    if (lock !== null) return lock;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  const holder = machine.processes.lockHolder(clusterDirectory(machine, name));
  const who = holder === null ? '' : `: ${holderWords(holder)}`;
  throw new ConflictError(`Another dbns is at work on the cluster '${name}' right now${who}.`, {
    suggestions: ['Wait until it has ended, or end it; then try again.'],
  });
}

/** `'dbns pxc create east' (pid 4711), for 12 s`; of a program that uses the library its own words. */
function holderWords({ pid, argv, age }: LockHolder): string {
  const [program = '', script = '', ...rest] = argv;
  const words = /(^|\/)(dbns|run\.js)$/.test(script) ? ['dbns', ...rest] : [program, script, ...rest];
  return `'${words.join(' ').trim()}' (pid ${pid}), for ${Math.round(age)} s`;
}
