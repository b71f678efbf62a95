import type { Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { loginStep } from '../../servers/mysqld/accounts.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { askStep } from '../ask-step.js';
import { primariesFirst } from '../routes.js';
import type { Setting } from '../topology.js';
import { laterStartStep } from './first-start.js';

/** No member makes a group once more; and every node asked at its address. */
export function finish(setting: Setting): Plan {
  const { nodes } = setting.cluster;
  return finishOf(setting, nodes, primariesFirst(setting.cluster).slice(0, 1));
}

/** The same of some nodes, of which any of `makers` may have made the group. */
export function finishOf({ password }: Setting, nodes: readonly Node[], makers: readonly Node[]): Plan {
  return {
    title: 'put back what made the group, and ask every node at its address',
    sequence: [
      { parallel: [...makers.map(endBootstrapStep), ...nodes.map(laterStartStep)] },
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
