import { timeLeftOf, type Lease } from '../cluster/lease.js';
import { after } from '../cluster/moment.js';
import { NotFoundError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { isSame } from '../process/find.js';

/** For how long a cluster is wanted; the first of these to end ends it. */
export interface LeaseRequest {
  /** Numbers of processes that run now. */
  readonly processes?: readonly number[];
  /** Milliseconds from now on. */
  readonly time?: number;
}

/** @throws NotFoundError for a process that is not there: the cluster would be gone before it is made. */
export function grantLease(machine: Machine, { processes = [], time }: LeaseRequest): Lease {
  return {
    processes: [...new Set(processes)].map((pid) => {
      const mark = machine.processes.identify(pid);
      if (mark === null) throw new NotFoundError(`There is no process ${pid}: no cluster can be leased to it.`);
      return mark;
    }),
    until: time === undefined ? null : after(machine.now(), time),
  };
}

/** Whether one of those has ended for which the cluster was there (a zombie has), or its time is up. */
export function isLeaseOver(machine: Machine, lease: Lease): boolean {
  return timeLeftOf(lease, machine.now()) === 0 || !lease.processes.every((process) => isSame(machine, process));
}
