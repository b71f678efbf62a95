import fs from 'node:fs';
import os from 'node:os';
import { isError } from '../errors/errors.js';

/** The bit of CAP_SYS_NICE: linux/capability.h. */
const SYS_NICE = 23n;

export function mayRaisePriority(): boolean {
  const [, hex = '0'] = /^CapEff:\s+([0-9a-f]+)$/m.exec(fs.readFileSync('/proc/self/status', 'utf8')) ?? [];
  return ((BigInt(`0x${hex}`) >> SYS_NICE) & 1n) === 1n;
}

/** Priorities are those of threads, and a thread that is started has that of who starts it: until none is left. */
export function usualPriority(pid: number): void {
  let low = threadsOf(pid);
  while (low.length > 0) {
    for (const thread of low)
      unlessGone(() => {
        os.setPriority(thread, 0);
      });
    low = threadsOf(pid).filter((thread) => (unlessGone(() => os.getPriority(thread)) ?? 0) > 0);
  }
}

function threadsOf(pid: number): readonly number[] {
  return (unlessGone(() => fs.readdirSync(`/proc/${pid}/task`)) ?? []).map(Number);
}

/** Threads end whenever they like. */
function unlessGone<T>(act: () => T): T | null {
  try {
    return act();
  } catch (error) {
    if (isError(error) && /ESRCH|ENOENT/.test(error.message)) return null;
    throw error;
  }
}
