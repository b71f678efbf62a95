import type { Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { loginStep } from '../../servers/mysqld/accounts.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { askStep } from '../ask-step.js';
import type { Setting } from '../topology.js';
import { laterStartStep } from './first-start.js';

/** No member makes a group once more; and every node asked at its address. */
export function finish({ cluster, password }: Setting): Plan {
  const { nodes } = cluster;
  return {
    title: 'put back what made the group, and ask every node at its address',
    sequence: [
      { parallel: [...nodes.slice(0, 1).map(endBootstrapStep), ...nodes.map(laterStartStep)] },
      { parallel: nodes.map((node) => loginStep(node, password)) },
    ],
  };
}

function endBootstrapStep(node: Node): Step {
  const statement = 'SET GLOBAL group_replication_bootstrap_group = OFF';
  return askStep(`let ${node.name} join, not make, a group from now on`, node, statement, async () => {
    await ask(rootAt(node.socket), 5000, (session) => session.query(statement));
  });
}
