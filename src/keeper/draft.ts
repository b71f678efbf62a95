import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../host/machine.js';
import { sweepLocked } from '../lifecycle/removal/remove.js';
import { clusterDirectory, nullWhenGone } from '../state/clusters.js';
import { isStandby } from '../state/standby.js';

/** ms between two looks. */
const LOOK = 50;

/**
 * Holds a keeper's place in the draft of a cluster, and returns when that has become a cluster, or is gone. Who makes one has
 * the machine's lock as long as it is a draft: where that is free nobody makes a cluster of it any more, and it is swept.
 */
export async function waitInDraft(machine: Machine, draft: string): Promise<void> {
  // By the words of this lock nobody finds the keeper of a cluster: it takes the cluster's own afterwards.
  const place = await machine.lock(`${draft}/keeper`).catch(nullWhenGone);
  while (machine.files.exists(draft)) {
    const lock = await machine.lock(machine.roots.state);
    try {
      if (lock !== null && machine.files.exists(draft)) await sweepLocked(machine);
    } finally {
      await lock?.release();
    }
    await sleep(LOOK);
  }
  await place?.release();
}

/** Who takes a standby has its lock: where that is free and it is a standby still, it is nobody's. */
export async function waitUntilTaken(machine: Machine, name: string): Promise<void> {
  const directory = clusterDirectory(machine, name);
  while (isStandby(machine, name) && machine.processes.lockHolder(directory) !== null) await sleep(LOOK);
}
