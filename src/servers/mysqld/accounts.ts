import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Step } from '../../cluster/plan.js';
import { addressAt, maskOf, readCidr } from '../../cluster/subnet.js';
import { waitUntil } from '../wait.js';
import { ask, type Session } from './client.js';
import { ACCOUNT } from './connection.js';
import type { Family } from './dialects.js';

/** The account of replication itself. */
export const REPLICATION_ACCOUNT = 'repl';

/** The cluster's account with all rights, from every address that can reach the server. The password is never logged. */
export async function grantAll(session: Session, password: string): Promise<void> {
  await session.query('CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?', [ACCOUNT, '%', password]);
  await session.query('GRANT ALL PRIVILEGES ON *.* TO ?@? WITH GRANT OPTION', [ACCOUNT, '%']);
}

/**
 * The cluster's account but for writing on a server that is read-only, which in MariaDB is a right of its own; and the
 * account of replication, for the cluster's own subnet. Neither is in the binary log: each server is told by itself, and
 * no replica has a transaction that its source never had.
 */
export async function makeReplicationAccounts(
  session: Session,
  family: Family,
  subnet: string,
  password: string,
): Promise<void> {
  const from = hostsOf(subnet);
  await session.query('SET SESSION sql_log_bin = 0');
  await grantAll(session, password);
  if (family === 'mariadb') await session.query('REVOKE READ_ONLY ADMIN ON *.* FROM ?@?', [ACCOUNT, '%']);
  await session.query('CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?', [REPLICATION_ACCOUNT, from, password]);
  await session.query('GRANT REPLICATION SLAVE ON *.* TO ?@?', [REPLICATION_ACCOUNT, from]);
}

/** `10.200.0.0/24` → `10.200.0.0/255.255.255.0`, which every version takes as the host of an account. */
export function hostsOf(subnet: string): string {
  const { base, prefix } = readCidr(subnet) ?? { base: 0, prefix: 0 };
  return `${addressAt({ base, prefix }, 0)}/${maskOf(prefix)}`;
}

/** Asks a node as its users will: at its address, as the cluster's account. */
export function loginStep(node: Node, password: string): Step {
  const target = { host: node.address, port: 3306, user: ACCOUNT, password };
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
