import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Step } from '../../cluster/plan.js';
import { waitUntil } from '../wait.js';
import { ask, rootAt } from './client.js';
import { ACCOUNT } from './connection.js';

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
