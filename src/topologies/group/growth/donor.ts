import { GTIDS } from '../../../servers/mysqld/gtid.js';

/** What a member could hand on. */
export interface Donor {
  /** gtid_executed */
  readonly executed: string;
  /** gtid_purged: what it has executed, and has no binary log of. */
  readonly purged: string;
  /** group_replication_clone_threshold, transactions. */
  readonly threshold: number;
}

/**
 * How the group brings its data to one that has nothing, and why, as the server chooses: by CLONE where no member has
 * all binary logs, or where more transactions are missing than the threshold. Source: refman "Cloning for Distributed
 * Recovery".
 */
export function wayTo(donors: ReadonlyMap<string, Donor>): string {
  const count = Math.max(0, ...[...donors.values()].map(({ executed }) => GTIDS.mysql.count(executed, '')));
  const threshold = Math.min(...[...donors.values()].map((donor) => donor.threshold));
  const whole = [...donors].filter(([, { purged }]) => purged === '').map(([name]) => name);
  const [name, one] = [...donors][0] ?? [];
  if (whole.length === 0) {
    return `a copy of all data (CLONE), after which the server restarts: no member has all binary logs (${name ?? ''} lacks ${GTIDS.mysql.union([one?.purged ?? ''])}).`;
  }
  if (count > threshold) {
    return `a copy of all data (CLONE), after which the server restarts: ${count} transactions are more than group_replication_clone_threshold (${threshold}).`;
  }
  return `all ${count} transactions from the binary logs, which ${whole.join(', ')} ${whole.length === 1 ? 'has' : 'have'} whole.`;
}
