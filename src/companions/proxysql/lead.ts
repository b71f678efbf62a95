import type { Front, Leading, Led, Standing } from '../companion.js';
import { askAdmin, tellAll } from './admin.js';
import { birthRows, HOSTGROUPS, toldRows, type ServerRow, type WantedRow } from './hostgroups.js';
import { askServers } from './servers.js';
import { quote } from './sql.js';

/** ms that it may take to answer. */
const TIMEOUT = 1000;

/**
 * Tells ProxySQL which servers there are. Which of them is in which hostgroup its own monitors see; where servers don't show
 * it, it is told that as well.
 */
export async function lead(standing: Standing, leading: Leading): Promise<Led> {
  return askAdmin(standing, TIMEOUT, async (session) => {
    const statements = statementsFor(await askServers(session), standing.front, leading);
    await tellAll(session, statements);
    // Where servers show it, it was told who is there, and not where to lead.
    return standing.front.sign === null && statements.length > 0 ? 'led' : 'same';
  });
}

/** What it is to be told, in order; nothing where it leads so already. Pure. */
export function statementsFor(rows: readonly ServerRow[], front: Front, leading: Leading): readonly string[] {
  const ours = rows.filter(({ hostgroup }) => GROUPS.includes(hostgroup));
  return front.sign === null
    ? statementsToTell(ours, toldRows(front, leading))
    : statementsToKeep(ours, birthRows(front));
}

const GROUPS: readonly number[] = Object.values(HOSTGROUPS);
const inOurs = `hostgroup_id IN (${GROUPS.join(', ')})`;

type Place = Pick<ServerRow, 'address' | 'port'>;

/** `main` is what becomes of `LOAD … TO RUNTIME`, `disk` what it begins with the next time. */
const everywhere = (statement: (table: string) => string) =>
  ['main', 'disk'].map((schema) => statement(`${schema}.mysql_servers`));

/** Who is new comes in, and who is gone goes; all others stay where the monitors put them. */
function statementsToKeep(rows: readonly ServerRow[], wanted: readonly WantedRow[]): readonly string[] {
  const isAt = (one: Place) => (other: Place) => one.address === other.address && one.port === other.port;
  const fresh = wanted.filter((row) => !rows.some(isAt(row)));
  const gone = rows.filter((row) => !wanted.some(isAt(row)));
  if (fresh.length + gone.length === 0) return [];
  return [
    'SAVE MYSQL SERVERS FROM RUNTIME',
    ...gone.flatMap(({ address, port }) =>
      everywhere((table) => `DELETE FROM ${table} WHERE hostname = ${quote(address)} AND port = ${port}`),
    ),
    ...fresh.flatMap((row) => everywhere((table) => insertion(table, row))),
    'LOAD MYSQL SERVERS TO RUNTIME',
  ];
}

/** Our hostgroups become what they are to be. */
function statementsToTell(rows: readonly ServerRow[], wanted: readonly WantedRow[]): readonly string[] {
  const places = (all: readonly Omit<ServerRow, 'status'>[]) =>
    all
      .map(({ hostgroup, address, port }) => `${hostgroup} ${address}:${port}`)
      .sort()
      .join();
  if (places(rows) === places(wanted)) return [];
  return [
    ...everywhere((table) => `DELETE FROM ${table} WHERE ${inOurs}`),
    ...wanted.flatMap((row) => everywhere((table) => insertion(table, row))),
    'LOAD MYSQL SERVERS TO RUNTIME',
  ];
}

function insertion(table: string, row: WantedRow): string {
  const { hostgroup, address, port, weight, maxConnections, useSsl, name } = row;
  const values = [hostgroup, quote(address), port, weight, maxConnections, useSsl, quote(name)];
  return `INSERT OR REPLACE INTO ${table} (hostgroup_id, hostname, port, weight, max_connections, use_ssl, comment) VALUES (${values.join(', ')})`;
}
