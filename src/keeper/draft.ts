import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../host/machine.js';
import { sweepLocked } from '../lifecycle/removal/remove.js';

/** ms between two looks. */
const LOOK = 50;

/**
 * Returns when a draft has become a cluster, or is gone. Who makes one has the machine's lock as long as it is a draft: where
 * that is free nobody makes a cluster of it any more, and it is swept.
 */
export async function outOfDraft(machine: Machine, draft: string): Promise<void> {
  while (machine.files.exists(draft)) {
    const lock = await machine.lock(machine.roots.state);
    try {
      if (lock !== null && machine.files.exists(draft)) await sweepLocked(machine);
    } finally {
      await lock?.release();
    }
    await sleep(LOOK);
  }
}
