import { setTimeout as sleep } from 'node:timers/promises';
import type { Lock } from '../host/lock.js';
import type { Machine } from '../host/machine.js';

/** Milliseconds between two looks at a lock that another pull holds; so an abort is not waited for any longer. */
const PATIENCE = 250;

/** Waits until no other pull is at work in the directory; it may take minutes, so it can be aborted. */
export async function lockForPulling(
  machine: Machine,
  directory: string,
  { signal, onProgress }: { readonly signal?: AbortSignal; readonly onProgress?: (line: string) => void },
): Promise<Lock> {
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    const lock = await machine.lock(directory);
    if (lock !== null) return lock;
    if (attempt === 0) onProgress?.('waiting for another pull');
    await sleep(PATIENCE);
  }
}
