import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import { ask, rootAt, type Session } from '../../servers/mysqld/client.js';
import { whenUp } from '../../servers/mysqld/up.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import type { Formation, Setting } from '../topology.js';
import { firstStart } from './first-start.js';
import { JOIN, joinUntil } from './join.js';
import { askView } from './member.js';

/**
 * Each joins as soon as the one before it is in the view: XCom takes in one member a second, by a clock that begins when the
 * group is made, and one who comes when another is being taken in tries again 5 s later. So nobody but the second may slow
 * the first one's start; the others have time.
 */
export function formations(setting: Setting): readonly Formation[] {
  const { nodes } = setting.cluster;
  const [first, second, ...others] = nodes;
  if (first === undefined) return [];
  const plan: Plan = {
    title: `start ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} and let them form a group`,
    sequence: [
      { parallel: [first, ...(second === undefined ? [] : [second])].map((node) => firstStart(setting, node)) },
      {
        parallel: [
          onlineStep(first, nodes.length),
          ...(second === undefined ? [] : [joinStep(setting, first, second)]),
          {
            sequence: [
              turnStep(first, 1),
              { parallel: others.map((node) => firstStart(setting, node)) },
              { parallel: others.map((node) => joinStep(setting, first, node)) },
            ],
          },
        ],
      },
    ],
  };
  return [{ title: 'one by one', plan, patience: null }];
}

function onlineStep(node: Node, size: number): Step {
  return askStep(`wait until ${node.name} sees all ONLINE`, node, `${size} ONLINE`, (context) =>
    whenUp(context, node, (session) => waitForView(context, node, session, { online: size })),
  );
}

function turnStep(first: Node, members: number): Step {
  return askStep(`wait until ${first.name} has made the group`, first, `${members} ONLINE`, (context) =>
    waitForTurn(context, first, members),
  );
}

function joinStep({ cluster: { nodes } }: Setting, first: Node, node: Node): Step {
  const before = node.index - 1;
  return askStep(
    `let ${node.name} join the group`,
    node,
    `when ${first.name} says that ${before} members are in the group: ${JOIN.join('; ')}; ${nodes.length} ONLINE`,
    (context) =>
      whenUp(context, node, async (session) => {
        await waitForTurn(context, first, before);
        await joinUntil(session, () =>
          ask(rootAt(node.socket), FOR_EVER, (other) => waitForView(context, node, other, { online: nodes.length })),
        );
      }),
  );
}

/** ms: the context of a step has its own deadline. */
const FOR_EVER = 2 ** 31 - 1;

async function waitForTurn(context: AskContext, first: Node, members: number): Promise<void> {
  await whenUp(context, first, (session) => waitForView(context, first, session, { members, online: 1 }));
}

/** Waits until a member that is ONLINE sees so many. */
async function waitForView(
  context: AskContext,
  node: Node,
  session: Session,
  { online, members = online }: { readonly online: number; readonly members?: number },
): Promise<void> {
  await waitUntil(context, async () => {
    const view = await askView(session);
    if (view.state === 'ONLINE' && view.online >= online && view.members >= members) return null;
    return `${node.name} is ${view.state}, and sees ${view.members} members, ${view.online} of them ONLINE`;
  });
}
