import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import { ask, rootAt, type Session } from '../../servers/mysqld/client.js';
import { startStep } from '../../servers/mysqld/start.js';
import { whenUp } from '../../servers/mysqld/up.js';
import { assertRuns, waitUntil } from '../../servers/wait.js';
import { serverOf, type Formation, type Setting } from '../topology.js';
import { firstStartActs } from './first-start.js';
import { askMember } from './member.js';

/**
 * All servers at once; then each joins as soon as the one before it is in the view. XCom takes in one member at a time, about
 * one a second, and one who comes when another is being taken in tries again 5 s later.
 */
export function formations(setting: Setting): readonly Formation[] {
  const { nodes } = setting.cluster;
  const plan: Plan = {
    title: `start ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} and let them form a group`,
    sequence: [
      { parallel: nodes.map((node) => start(setting, node)) },
      { parallel: nodes.map((node) => (node.index === 1 ? madeStep(node, nodes.length) : joinStep(setting, node))) },
    ],
  };
  return [{ title: 'one by one', plan, patience: null }];
}

function start(setting: Setting, node: Node): Step {
  const step = startStep(setting.machine, node, { ...serverOf(setting, node), restarts: true }, []);
  return { ...step, acts: [...firstStartActs(setting, node), ...step.acts] };
}

/** The first makes the group at its start. */
function madeStep(node: Node, size: number): Step {
  return {
    step: `wait until ${node.name} has made the group`,
    acts: [
      {
        do: 'ask',
        what: `${node.name} over its socket: ${size} members are ONLINE`,
        ask: (context) => whenUp(context, node, (session) => waitForOnline(context, node, session, size)),
      },
    ],
  };
}

function joinStep({ cluster: { nodes } }: Setting, node: Node): Step {
  const statement = 'START GROUP_REPLICATION';
  const [first = node] = nodes;
  return {
    step: `let ${node.name} join the group`,
    acts: [
      {
        do: 'ask',
        what: `${first.name} over its socket: ${node.index - 1} members are in the group; ${node.name}: ${statement}; ${nodes.length} members are ONLINE`,
        ask: (context) =>
          whenUp(context, node, async (session) => {
            await waitForTurn(context, first, node);
            // It returns a second after the member is ONLINE.
            const joined = session.query(statement);
            const online = ask(rootAt(node.socket), 2 ** 31 - 1, (other) =>
              waitForOnline(context, node, other, nodes.length),
            );
            await Promise.race([online, joined.then(() => online)]);
          }),
      },
    ],
  };
}

/** Whether the member before it is in the view. */
async function waitForTurn(context: AskContext, first: Node, node: Node): Promise<void> {
  await whenUp(context, first, (session) =>
    waitUntil(context, async () => {
      assertRuns(context, first.name);
      const { members, state } = await askMember(session);
      return state === 'ONLINE' && members >= node.index - 1
        ? null
        : `${first.name} is ${state}, and sees ${members} members`;
    }),
  );
}

async function waitForOnline(context: AskContext, node: Node, session: Session, size: number): Promise<void> {
  await waitUntil(context, async () => {
    assertRuns(context, node.name);
    const { state, online } = await askMember(session);
    return state === 'ONLINE' && online === size
      ? null
      : `${node.name} is ${state}, and sees ${online} ONLINE of ${size}`;
  });
}
