import type { Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { loginStep } from '../../servers/mysqld/accounts.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import type { Setting } from '../topology.js';
import { laterStartStep } from './first-start.js';

/** No member makes a group once more, each joins by itself; and every node asked at its address. */
export function finish({ cluster: { nodes }, password }: Setting): Plan {
  return {
    title: 'put back what made the group, and ask every node at its address',
    sequence: [
      { parallel: [...nodes.map(restoreStep), ...nodes.map(laterStartStep)] },
      { parallel: nodes.map((node) => loginStep(node, password)) },
    ],
  };
}

function restoreStep(node: Node): Step {
  const variable =
    node.index === 1 ? 'group_replication_bootstrap_group = OFF' : 'group_replication_start_on_boot = ON';
  const statement = `SET GLOBAL ${variable}`;
  return {
    step: `set ${variable} on ${node.name}`,
    acts: [
      {
        do: 'ask',
        what: `${node.name} over its socket: ${statement}`,
        ask: async () => {
          await ask(rootAt(node.socket), 5000, (session) => session.query(statement));
        },
      },
    ],
  };
}
