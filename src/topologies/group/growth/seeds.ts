import { settledPart, type Cluster, type Node } from '../../../cluster/cluster.js';
import type { Plan, Step } from '../../../cluster/plan.js';
import { ask, rootAt } from '../../../servers/mysqld/client.js';
import { carryOverStep } from '../../../servers/carry-over.js';
import { askStep } from '../../ask-step.js';
import { serverOf, type Setting } from '../../topology.js';
import { renderConfig, seedsOf } from '../config.js';

/** Who was in a cluster before, and is now. */
interface Change {
  readonly before: Cluster;
  readonly after: Cluster;
}

/** Nodes know whom they ask when they join the group again: by their files, and those that answer at once. */
export function seedsPlan(
  setting: Setting,
  change: Change,
  nodes: readonly Node[],
  isThere: (node: Node) => boolean,
): Plan {
  return {
    parallel: nodes.map((node) => ({
      sequence: [fileStep(setting, change, node), ...(isThere(node) ? [liveStep(node, change)] : [])],
    })),
  };
}

function fileStep(setting: Setting, { before, after }: Change, node: Node): Step {
  const { build, image } = serverOf(setting, node);
  const configOf = (cluster: Cluster) => renderConfig(cluster, node, build, image);
  const formers = [before, settledPart(before)].map(configOf);
  return carryOverStep(setting.machine, node, 'my.cnf', formers, configOf(after));
}

function liveStep(node: Node, { after }: Change): Step {
  const statement = `SET GLOBAL group_replication_group_seeds = '${seedsOf(after)}'`;
  return askStep(`tell ${node.name} the members of the group`, node, statement, async () => {
    await ask(rootAt(node.socket), 5000, (session) => session.query(statement));
  });
}
