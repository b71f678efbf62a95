import { ConflictError, NotReadyError, UsageError, messageOf } from '../../errors/errors.js';
import { ACCOUNT } from '../../servers/mysqld/connection.js';
import { requiresTls } from '../../servers/mysqld/tls.js';
import { ask, type Row, type Session } from '../../servers/mysqld/client.js';
import { numberOf } from '../../servers/said.js';
import type { ServerAccount, Standing } from '../companion.js';
import { adminAccount, askAdmin, tellAll } from './admin.js';
import { HOSTGROUPS } from './hostgroups.js';
import { quote } from './sql.js';

/** ms for all that the admin interface is told, and for a login by way of the proxy. */
const TIMEOUT = 2000;
const LOGIN_TIMEOUT = 12_000;

/** By a connection of its own: those that ProxySQL has already were let in by the password of that time. */
const ANEW = '/* create_new_connection=1 */ DO 1';

/** ER_ACCESS_DENIED_ERROR, as servers and ProxySQL itself say it. */
const DENIED = 1045;

/**
 * Makes an account known to ProxySQL, or its password another one, and saves that when the server that takes writes has let
 * it in; else all is as it was.
 */
export async function addUser(standing: Standing, account: ServerAccount): Promise<void> {
  assertFree(standing, account);
  const before = await askAdmin(standing, TIMEOUT, async (session) => {
    const rows = await session.query(`SELECT * FROM mysql_users WHERE username = ${quote(account.name)}`);
    await loadUsers(session, account.name, [
      `INSERT INTO mysql_users (username, password, default_hostgroup, transaction_persistent) VALUES (${quote(account.name)}, ${quote(account.password)}, ${HOSTGROUPS.writers}, 1)`,
    ]);
    return rows;
  });
  try {
    await login(standing, account);
  } catch (error) {
    await askAdmin(standing, TIMEOUT, (session) => loadUsers(session, account.name, before.map(restoration)));
    throw refusal(standing, account, error);
  }
  await askAdmin(standing, TIMEOUT, (session) => tellAll(session, ['SAVE MYSQL USERS TO DISK']));
}

/** @throws UsageError for names that have a meaning of their own there. */
function assertFree(standing: Standing, { name }: ServerAccount): void {
  const { user: admin } = adminAccount(standing);
  if (name === ACCOUNT)
    throw new UsageError(`${standing.companion.name} knows the account '${ACCOUNT}': it came with it.`);
  if (name === admin)
    throw new UsageError(`'${admin}' is the account of ProxySQL's own admin interface: no user can have that name.`);
}

async function loadUsers(session: Session, name: string, statements: readonly string[]): Promise<void> {
  await tellAll(session, [
    `DELETE FROM mysql_users WHERE username = ${quote(name)}`,
    ...statements,
    'LOAD MYSQL USERS TO RUNTIME',
  ]);
}

/** All that the admin interface tells is text, or NULL. */
function restoration(row: Row): string {
  const values = Object.values(row).map((value) => (typeof value === 'string' ? quote(value) : 'NULL'));
  return `INSERT INTO mysql_users (${Object.keys(row).join(', ')}) VALUES (${values.join(', ')})`;
}

/** As a client: what is no SELECT goes to the server that takes writes. */
async function login({ companion, front }: Standing, { name, password }: ServerAccount): Promise<void> {
  const tls = front.nodes.some(({ options }) => requiresTls(options));
  const target = { host: companion.address, port: companion.ports.client ?? 0, user: name, password, tls };
  await ask(target, LOGIN_TIMEOUT, (session) => session.query(ANEW));
}

function refusal({ companion, front }: Standing, { name }: ServerAccount, error: unknown) {
  const said = messageOf(error);
  const denied = numberOf(error) === DENIED;
  if (!denied)
    return new NotReadyError(`Nobody answers '${name}' by way of ${companion.name}: ${said}. It was not added.`, {
      cause: error,
    });
  return new ConflictError(
    `The servers of '${front.cluster}' refuse '${name}' with that password: ${said}. It was not added.`,
    {
      suggestions: [
        `Make the account first, for whoever comes from ${companion.address}: dbns client ${front.cluster}`,
      ],
      cause: error,
    },
  );
}
