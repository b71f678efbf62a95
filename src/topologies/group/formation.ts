import type { Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import { whenUp } from '../../servers/mysqld/up.js';
import { askStep } from '../ask-step.js';
import type { Formation, Setting } from '../topology.js';
import { firstStart } from './first-start.js';
import { primariesFirst } from '../routes.js';
import { joinPlan, onlinePlan, untilOnline, type Found } from './join.js';

/**
 * Each joins as soon as the one before it is in the view: XCom takes in one member a second, by a clock that begins when the
 * group is made, and one who comes when another is being taken in tries again 5 s later. So nobody but the second may slow
 * the first one's start; the others have time.
 */
export function formations(setting: Setting): readonly Formation[] {
  const nodes = primariesFirst(setting.cluster);
  const [first, ...others] = nodes;
  if (first === undefined) return [];
  const found: Found = { cluster: setting.cluster.name, first, apart: null };
  const startPlan = (some: readonly Node[]): Plan => ({
    parallel: some.map((node) => firstStart(setting, node, node === first)),
  });
  const plan: Plan = {
    title: `start ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'} and let them form a group`,
    sequence: [
      startPlan(nodes.slice(0, 2)),
      madeStep(first),
      { parallel: [startPlan(nodes.slice(2)), joinPlan(others, found)] },
      onlinePlan(nodes, found),
    ],
  };
  return [{ title: 'one by one', plan, patience: null }];
}

function madeStep(first: Node): Step {
  return askStep(`wait until ${first.name} has made the group`, first, '1 ONLINE', async (context) => {
    await whenUp(context, first, () => Promise.resolve());
    await untilOnline(context, first, 1);
  });
}
