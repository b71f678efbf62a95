import type { Cluster, Companion } from '../../cluster/cluster.js';
import type { Fault } from '../../cluster/fault.js';
import type { Lease } from '../../cluster/lease.js';
import { exposureName, type Exposure, type Rules } from '../../cluster/rules.js';
import type { Machine } from '../../host/machine.js';
import { loadLease } from '../../state/lease.js';
import { loadRules } from '../../state/rules.js';
import { isStandby } from '../../state/standby.js';

/** What outlives the command that wanted it: for each somebody must stay. */
export interface Duties {
  /** Ports of the machine that are to be held, so that nobody takes them meanwhile. */
  readonly ports: readonly Exposure[];
  /** Those of them that lead to whoever takes writes. */
  readonly following: readonly Exposure[];
  /** Proxies that are to lead clients to whoever takes writes and serves reads. */
  readonly companions: readonly Companion[];
  /** Faults that end by the clock, and not by the kernel's. */
  readonly ending: readonly Fault[];
  /** What the cluster is there for, and goes with; null where it stays. */
  readonly lease: Lease | null;
}

/** By what a lease is known among duties. */
export const LEASE = 'lease';

/** The duties of a cluster as it is saved. A lease on a standby is of whoever is about to take it, or was. */
export function loadDuties(machine: Machine, cluster: Pick<Cluster, 'name' | 'companions'>): Duties {
  const lease = isStandby(machine, cluster.name) ? null : loadLease(machine, cluster.name);
  return dutiesOf(cluster, loadRules(machine, cluster.name), lease);
}

/** The duties of a cluster, by what is wanted of it. */
function dutiesOf(
  { companions }: Pick<Cluster, 'companions'>,
  { exposures, faults }: Rules,
  lease: Lease | null,
): Duties {
  return {
    lease,
    ports: exposures,
    following: exposures.filter(({ to }) => 'role' in to),
    companions: companions.filter(({ wanted, phase }) => wanted === 'running' && phase !== 'removing'),
    ending: faults.filter(({ kind, until }) => until !== null && kind !== 'partition'),
  };
}

/** By what each is known, to users and in the keeper's own file. */
export function dutyNames({ ports, companions, ending, lease }: Duties): readonly string[] {
  const names = [...ports.map(exposureName), ...companions.map(({ name }) => name), ...ending.map(({ id }) => id)];
  return lease === null ? names : [...names, LEASE];
}
