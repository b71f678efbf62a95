import type { Node } from '../../cluster/cluster.js';
import type { AskContext } from '../../cluster/plan.js';
import { waitUntil } from '../wait.js';
import { listens } from '../listens.js';
import { open, rootAt, type Session } from './client.js';

/** Waits until a node's server answers on its socket, and asks it as root there. */
export async function whenUp<T>(
  context: AskContext,
  node: Node,
  question: (session: Session) => Promise<T>,
): Promise<T> {
  const up: { session?: Session } = {};
  await waitUntil(context, async () => {
    if (!(await listens(node.socket))) return `${node.name} does not answer on its socket yet`;
    up.session = await open(rootAt(node.socket), 2000);
    return null;
  });
  if (up.session === undefined) throw new Error(`${node.name} answered, and nobody listened`);
  try {
    return await question(up.session);
  } finally {
    up.session.close();
  }
}
