import type { Session } from '../../servers/mysqld/client.js';
import type { CompanionState, Front } from '../companion.js';
import { HOSTGROUPS, type ServerRow } from './hostgroups.js';

/** What a monitor saw of a server. */
export interface Check {
  readonly address: string;
  readonly port: number;
  /** Of the last check; null when all was well. */
  readonly error: string | null;
  /** Whether one was ever well. */
  readonly wasWell: boolean;
}

/** The servers that it leads to, as it has them now. */
export async function askServers(session: Session): Promise<readonly ServerRow[]> {
  const rows = await session.query('SELECT hostgroup_id, hostname, port, status FROM runtime_mysql_servers');
  return rows.map((row) => ({
    hostgroup: Number(row.hostgroup_id),
    address: String(row.hostname),
    port: Number(row.port),
    status: String(row.status),
  }));
}

/** The monitor's log that says of which hostgroup a server is; where it is told, the one that says whether it is there. */
const LOGS: Readonly<Record<NonNullable<Front['sign']> | 'none', readonly [table: string, error: string]>> = {
  wsrep: ['mysql_server_galera_log', 'error'],
  read_only: ['mysql_server_read_only_log', 'error'],
  super_read_only: ['mysql_server_read_only_log', 'error'],
  none: ['mysql_server_connect_log', 'connect_error'],
};

/** With one MAX() SQLite takes all other columns from the row that has it: the last check. */
export async function askChecks(session: Session, sign: Front['sign']): Promise<readonly Check[]> {
  const [table, error] = LOGS[sign ?? 'none'];
  const rows = await session.query(
    `SELECT hostname, port, MAX(time_start_us) AS at, ${error} AS error, SUM(${error} IS NULL) AS well FROM monitor.${table} GROUP BY hostname, port`,
  );
  return rows.map((row) => ({
    address: String(row.hostname),
    port: Number(row.port),
    error: typeof row.error === 'string' ? row.error : null,
    wasWell: Number(row.well) > 0,
  }));
}

/**
 * Where it leads, by names of nodes: to whom is ONLINE in a hostgroup, and was seen by its monitor. Before that the
 * hostgroup is the one where all come in.
 */
export function stateOf(front: Front, servers: readonly ServerRow[], checks: readonly Check[]): CompanionState {
  const seen = front.nodes.flatMap(({ name, address, ports }) => {
    const isIt = (at: { readonly address: string; readonly port: number }) =>
      at.address === address && at.port === ports.client;
    const check = checks.find(isIt);
    return [{ name, error: check?.error ?? null, wasWell: check?.wasWell === true, rows: servers.filter(isIt) }];
  });
  const online = (group: number) =>
    seen
      .filter(({ wasWell, rows }) => wasWell && rows.some((row) => row.hostgroup === group && row.status === 'ONLINE'))
      .map(({ name }) => name);
  const writers = online(HOSTGROUPS.writers);
  const errors = seen.flatMap(({ name, error }) => (error === null ? [] : [`${name}: ${error}`]));
  const many = writers.length > 1 ? [`it leads writes to ${writers.join(' and ')}`] : [];
  const [writer, readers] = [writers.length === 1 ? (writers[0] ?? null) : null, online(HOSTGROUPS.readers)];
  const isWhole = writer !== null && readers.length > 0;
  return { writer, readers, reason: isWhole ? null : [...many, ...errors].join('; ') || null };
}
