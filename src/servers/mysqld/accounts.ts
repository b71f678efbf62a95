import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Step } from '../../cluster/plan.js';
import { addressAt, maskOf, readCidr } from '../../cluster/subnet.js';
import { isRefusal } from '../said.js';
import { waitUntil } from '../wait.js';
import { ask, type Session } from './client.js';
import { ACCOUNT } from './connection.js';
import type { Family } from './dialects.js';
import { accountRefused } from './log.js';
import type { Statement } from './statement.js';
import { requiresTls } from './tls.js';

/** The account of replication itself. */
export const REPLICATION_ACCOUNT = 'repl';

/** The cluster's account with all rights, from every address that can reach the server. The password is never logged. */
export function grantAll(session: Session, password: string): Promise<void> {
  return tell(session, grantingAll(password));
}

function grantingAll(password: string): readonly Statement[] {
  return [
    { sql: 'CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?', values: [ACCOUNT, '%', password] },
    { sql: 'GRANT ALL PRIVILEGES ON *.* TO ?@? WITH GRANT OPTION', values: [ACCOUNT, '%'] },
  ];
}

/**
 * The cluster's account but for writing on a server that is read-only, which in MariaDB is a right of its own; and the
 * account of replication, for the cluster's own subnet. Neither is in the binary log: each server is told by itself, and
 * no replica has a transaction that its source never had.
 */
export function makeReplicationAccounts(
  session: Session,
  family: Family,
  subnet: string,
  password: string,
): Promise<void> {
  return tell(session, makingReplicationAccounts(family, subnet, password));
}

/** The same, for whoever does not ask over a connection. */
export function makingReplicationAccounts(family: Family, subnet: string, password: string): readonly Statement[] {
  const from = hostsOf(subnet);
  return [
    { sql: 'SET SESSION sql_log_bin = 0', values: [] },
    ...grantingAll(password),
    ...(family === 'mariadb' ? [{ sql: 'REVOKE READ_ONLY ADMIN ON *.* FROM ?@?', values: [ACCOUNT, '%'] }] : []),
    { sql: 'CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?', values: [REPLICATION_ACCOUNT, from, password] },
    { sql: 'GRANT REPLICATION SLAVE ON *.* TO ?@?', values: [REPLICATION_ACCOUNT, from] },
    // Who comes later may need a copy of all data.
    ...(family === 'mysql' ? [{ sql: 'GRANT BACKUP_ADMIN ON *.* TO ?@?', values: [REPLICATION_ACCOUNT, from] }] : []),
  ];
}

async function tell(session: Session, statements: readonly Statement[]): Promise<void> {
  for (const { sql, values } of statements) {
    await session.query(sql, values).catch((error: unknown) => {
      throw sql.startsWith('CREATE USER') && isRefusal(error) ? accountRefused(error.message) : error;
    });
  }
}

/** `10.200.0.0/24` → `10.200.0.0/255.255.255.0`, which every version takes as the host of an account. */
export function hostsOf(subnet: string): string {
  const { base, prefix } = readCidr(subnet) ?? { base: 0, prefix: 0 };
  return `${addressAt({ base, prefix }, 0)}/${maskOf(prefix)}`;
}

/** Asks a node as its users will: at its address, as the cluster's account. */
export function loginStep(node: Node, password: string): Step {
  const target = { host: node.address, port: 3306, user: ACCOUNT, password, tls: requiresTls(node.options) };
  const logIn = async (context: AskContext) => {
    await waitUntil(context, async () => {
      await ask(target, 2000, (session) => session.query('SELECT 1'));
      return null;
    });
  };
  return {
    step: `log in on ${node.name} at its address`,
    acts: [{ do: 'ask', what: `${node.name} at ${node.address}:3306 as '${ACCOUNT}': SELECT 1`, ask: logIn }],
  };
}
