import type { Session } from '../../servers/mysqld/client.js';

export const JOIN = ['SET GLOBAL group_replication_start_on_boot = ON', 'START GROUP_REPLICATION'];

/**
 * Joins the group, and returns as soon as `seen` does: START GROUP_REPLICATION returns a second after the member is
 * ONLINE, and whoever sets a variable of the group waits for it. The session is of no use afterwards.
 */
export async function joinUntil(session: Session, seen: () => Promise<void>): Promise<void> {
  const joined = inOrder(session, JOIN);
  const done = seen();
  await Promise.race([done, joined.then(() => done)]);
  joined.catch(() => undefined);
  session.abort();
}

async function inOrder(session: Session, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.query(statement);
}
