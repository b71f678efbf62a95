import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import type { Session } from '../../servers/mysqld/client.js';
import { startStep } from '../../servers/mysqld/start.js';
import { whenUp } from '../../servers/mysqld/up.js';
import { assertRuns, waitUntil } from '../../servers/wait.js';
import { serverOf, type Formation, type Setting } from '../topology.js';
import { initFile, writeInitFile } from './first-start.js';
import { askMember } from './member.js';

/** All servers at once: the first makes the group at its start, and the others join it at theirs. */
export function formations(setting: Setting): readonly Formation[] {
  const { nodes } = setting.cluster;
  const plan: Plan = {
    title: `start ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} and let them form a group`,
    sequence: [
      { parallel: nodes.map((node) => start(setting, node)) },
      { parallel: nodes.map((node) => onlineStep(node, nodes.length)) },
    ],
  };
  return [{ title: 'by their seeds', plan, patience: null }];
}

function start(setting: Setting, node: Node): Step {
  const from = { ...serverOf(setting, node), restarts: true };
  const step = startStep(setting.machine, node, from, [`--init-file=${initFile(node)}`]);
  return { ...step, acts: [writeInitFile(setting, node), ...step.acts] };
}

function onlineStep(node: Node, size: number): Step {
  return {
    step: `wait until ${node.name} is ONLINE, and sees ${size}`,
    acts: [
      {
        do: 'ask',
        what: `${node.name} over its socket: performance_schema.replication_group_members has ${size} ONLINE`,
        ask: (context) => whenUp(context, node, (session) => waitForGroup(context, node, session, size)),
      },
    ],
  };
}

async function waitForGroup(context: AskContext, node: Node, session: Session, size: number): Promise<void> {
  await waitUntil(context, async () => {
    assertRuns(context, node.name);
    const { state, online } = await askMember(session);
    return state === 'ONLINE' && online === size
      ? null
      : `${node.name} is ${state}, and sees ${online} ONLINE of ${size}`;
  });
}
