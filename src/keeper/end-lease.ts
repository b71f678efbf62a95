import type { Cluster } from '../cluster/cluster.js';
import type { Lease } from '../cluster/lease.js';
import { messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { LEASE } from '../lifecycle/keeping/duties.js';
import { isLeaseOver } from '../lifecycle/lease.js';
import { destroyCluster } from '../lifecycle/life/destroy.js';
import { contextOf } from './context.js';
import type { Kept } from './kept.js';

/** ms until what could not be destroyed is tried again: another verb is at work on it, or something of it stays. */
const AGAIN = 1000;

/** Destroys a cluster when that has ended for which it was there. */
export function leaseEnder(machine: Machine) {
  let next = 0;
  let amiss: string | null = null;
  return {
    async end({ name }: Cluster, lease: Lease | null): Promise<Kept> {
      if (lease === null) return new Map();
      if (Date.now() >= next && isLeaseOver(machine, lease)) {
        amiss = await destroyCluster(name, contextOf(machine)).then(() => null, messageOf);
        next = Date.now() + AGAIN;
      }
      return new Map([[LEASE, amiss]]);
    },
  };
}
