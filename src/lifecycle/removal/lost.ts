import type { Machine } from '../../host/machine.js';
import { clusterNames } from '../../state/clusters.js';
import { isInForce, type Fault } from '../../cluster/fault.js';
import { loadLease } from '../../state/lease.js';
import { isUnfinished, loadRules } from '../../state/rules.js';
import { changeRules } from '../ground/change-rules.js';
import { dropLostLinks } from '../ground/lost-links.js';
import { ensureKeeper } from '../keeping/keeper.js';
import { isLeaseOver } from '../lease.js';
import { takeOffAllEnded } from './detach.js';

/**
 * What whoever looks at clusters does first: what has gone by itself leaves nothing. What stays all the same is tried again
 * by the next one, and keeps nobody from looking.
 */
export async function dropLost(machine: Machine): Promise<void> {
  if (!machine.isRoot) return;
  await dropLostLinks(machine).catch(() => undefined);
  await takeOffAllEnded(machine).catch(() => undefined);
  for (const name of await clusterNames(machine).catch(() => [])) {
    await tidyRules(machine, name).catch(() => undefined);
    await endLease(machine, name).catch(() => undefined);
  }
}

/** The keeper takes a cluster away whose lease is over; where it was killed too, or after a reboot, another one does. */
async function endLease(machine: Machine, name: string): Promise<void> {
  const lease = loadLease(machine, name);
  if (lease !== null && isLeaseOver(machine, lease)) await ensureKeeper(machine, name);
}

/** What was left half done is brought about, and a fault goes whose time is up: the kernel went by it no more. */
async function tidyRules(machine: Machine, name: string): Promise<void> {
  const now = machine.now();
  const isOver = (fault: Fault) => fault.kind === 'partition' && !isInForce(fault, now);
  if (!isUnfinished(machine, name) && !loadRules(machine, name).faults.some(isOver)) return;
  await changeRules(machine, name, (rules) => ({ ...rules, faults: rules.faults.filter((fault) => !isOver(fault)) }));
}
