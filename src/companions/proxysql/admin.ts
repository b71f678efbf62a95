import { ask, type Session } from '../../servers/mysqld/client.js';
import { randomPassword } from '../../servers/password.js';
import type { AdminAccount, Standing } from '../companion.js';

/** Root's alone. */
export function passwordFile({ companion }: Pick<Standing, 'companion'>): string {
  return `${companion.directory}/admin-password`;
}

/** The account of the admin interface; its password is made up where there is none yet. */
export function adminAccount({ machine, companion }: Pick<Standing, 'machine' | 'companion'>): AdminAccount {
  const password = machine.files.read(passwordFile({ companion }))?.trim() ?? randomPassword();
  return { user: 'admin', password };
}

/**
 * Asks and tells at the admin interface, all within `timeout` ms.
 * @throws ProxySQL's own error, or one that says that no answer came in time.
 */
export function askAdmin<T>(
  standing: Standing,
  timeout: number,
  question: (session: Session) => Promise<T>,
): Promise<T> {
  const socketPath = standing.machine.reach(standing.companion.socket);
  return ask({ socketPath, ...adminAccount(standing) }, timeout, question);
}

/** Says statements one after another. */
export async function tellAll(session: Session, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.query(statement);
}
