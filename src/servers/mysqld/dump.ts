import type { Cluster, Node } from '../../cluster/cluster.js';
import type { ServerBuild } from '../../cluster/server.js';
import { MachineError } from '../../errors/errors.js';
import type { DataProgram } from '../kind.js';
import { ask, rootAt, type Session } from './client.js';
import { client } from './connection.js';
import { familyOf } from './dialects.js';

/** Where data goes in, or comes out, and by which account. */
export interface At {
  readonly cluster: Cluster;
  readonly node: Node;
  readonly build: ServerBuild;
  readonly password: string;
}

/** The most that the protocol takes; what the server takes it says itself. */
const LARGEST = '--max-allowed-packet=1G';

/** The image's client, which reads statements on its stdin, and knows DELIMITER. */
export function sqlLoader({ cluster, node, build, password }: At, database: string | null): DataProgram {
  const { argv, ...rest } = client(cluster, { node, proxied: false, verifiable: true }, build, password);
  const begin = database === null ? [] : [`--database=${database}`];
  return { at: 'socket', argv: [...argv, LARGEST, ...begin], ...rest };
}

/** The machine's myloader, as root over the socket; it keeps the binary log off unless it is told not to. */
export function directoryLoader({ node }: Pick<At, 'node'>, directory: string, database: string | null): DataProgram {
  const to = ['--socket', node.socket, '--user', 'root', '--enable-binlog'];
  const into = database === null ? [] : ['--database', database];
  return { at: 'machine', argv: ['myloader', ...to, '--directory', directory, ...into], file: '' };
}

/** What mydumper leaves in each of its directories. */
export const MARK_OF_MYDUMPER = 'metadata';

/**
 * The image's own dump program: a state of all databases at one moment, as statements that say nothing of the server that
 * it is of, and lock no table where they are loaded.
 * @throws MachineError where the image has none.
 */
export function sqlDumper({ cluster, node, build, password }: At, databases: readonly string[]): DataProgram {
  const program = build.programs.dump;
  if (program === undefined) {
    throw new MachineError(`The image ${node.image} has no program that dumps (mysqldump, mariadb-dump).`);
  }
  const { argv, ...rest } = client(cluster, { node, proxied: false, verifiable: true }, build, password);
  return {
    at: 'socket',
    argv: [
      program,
      ...argv.slice(1),
      ...['--single-transaction', '--routines', '--triggers', '--events', '--skip-add-locks', LARGEST],
      ...(familyOf(build) === 'mysql' ? ['--set-gtid-purged=OFF'] : []),
      ...['--databases', '--', ...databases],
    ],
    ...rest,
  };
}

/** The servers' own. */
const SYSTEM = "('mysql', 'information_schema', 'performance_schema', 'sys')";

/** Names of the databases of users, sorted. */
export async function databasesOf(socket: string): Promise<readonly string[]> {
  const names = `SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN ${SYSTEM} ORDER BY 1`;
  const rows = await ask(rootAt(socket), ANSWER, (session) => session.query(names));
  return rows.map(({ name }) => String(name));
}

/** ms, for what a server that is loaded may take its time for. */
const ANSWER = 30_000;

/** Names of tables of users, as DATABASE.TABLE, by an expression over information_schema.TABLES. */
export async function tablesWhere(session: Session, condition: string): Promise<readonly string[]> {
  const rows = await session.query(
    `SELECT CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME) AS name FROM information_schema.TABLES t
      WHERE t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA NOT IN ${SYSTEM} AND ${condition} ORDER BY 1`,
  );
  return rows.map(({ name }) => String(name));
}
