import type { AskContext } from '../../cluster/plan.js';
import { ask, rootAt } from './client.js';

/** An account with all rights, from every address that can reach the server. The password is a value, never logged. */
export async function createAccount(
  socket: string,
  user: string,
  password: string,
  { deadline }: AskContext,
): Promise<void> {
  await ask(rootAt(socket), Math.max(1000, deadline - Date.now()), async (session) => {
    await session.query('CREATE USER IF NOT EXISTS ?@? IDENTIFIED BY ?', [user, '%', password]);
    await session.query('GRANT ALL PRIVILEGES ON *.* TO ?@? WITH GRANT OPTION', [user, '%']);
  });
}
