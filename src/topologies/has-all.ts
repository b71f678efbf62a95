import { namesOf, type Node } from '../cluster/cluster.js';
import type { Plan } from '../cluster/plan.js';
import { ask, rootAt, type Session } from '../servers/mysqld/client.js';
import { waitUntil } from '../servers/wait.js';
import { askStep } from './ask-step.js';

/** How it is told whether a server has what another had. */
export interface Measure {
  readonly position: (session: Session) => Promise<string>;
  /** What is amiss; null when all is there. It throws for what no waiting mends. */
  readonly amiss: (session: Session, node: Node, position: string) => Promise<string | null>;
}

/** ms for one answer. */
const ANSWER = 10_000;

/** Waits until nodes have all that one has at the beginning, where each gets it by itself. */
export function hasAllPlan(at: Node, nodes: readonly Node[], { position, amiss }: Measure): Plan {
  const others = nodes.filter(({ name }) => name !== at.name);
  if (others.length === 0) return { sequence: [] };
  const title = `wait until ${namesOf(others)} have all that ${at.name} has`;
  return askStep(title, at, 'how far is it? The others: are they there?', async (context) => {
    const wanted = await ask(rootAt(at.socket), ANSWER, position);
    await Promise.all(
      others.map((node) =>
        waitUntil(context, () => ask(rootAt(node.socket), ANSWER, (session) => amiss(session, node, wanted))),
      ),
    );
  });
}
