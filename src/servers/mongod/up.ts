import type { Node } from '../../cluster/cluster.js';
import type { AskContext } from '../../cluster/plan.js';
import { listens } from '../listens.js';
import { assertAllRun, waitUntil } from '../wait.js';
import { ask, type Session, type Target } from './client.js';

/** Waits until a node's server answers over its socket, and asks it there. */
export async function whenUp<T>(
  context: AskContext,
  node: Pick<Node, 'name' | 'socket'>,
  target: Target,
  question: (session: Session) => Promise<T>,
): Promise<T> {
  // The driver waits half a second between two attempts: a plain connect tells the moment.
  await waitUntil(context, async () => {
    return (await listens(node.socket)) ? null : `${node.name} does not answer on its socket yet`;
  });
  const end = new AbortController();
  const watch = setInterval(() => {
    try {
      context.signal.throwIfAborted();
      assertAllRun(context);
    } catch (error) {
      end.abort(error);
    }
  }, WATCH_PAUSE);
  try {
    return await ask(target, Math.max(1, context.deadline - Date.now()), question, end.signal);
  } finally {
    clearInterval(watch);
  }
}

/** Milliseconds between two looks at whether the server runs and somebody waits for it: the driver looks at neither. */
const WATCH_PAUSE = 50;
