import { settledPart, type Cluster, type Node } from '../../../cluster/cluster.js';
import type { Plan, Step } from '../../../cluster/plan.js';
import { carryOverStep } from '../../../servers/carry-over.js';
import { serverOf, type Setting } from '../../topology.js';
import { incrementOf, renderConfig } from '../config.js';
import { setStep } from '../finish.js';
import { settingsOf } from '../settings.js';
import { MANY_WRITERS } from '../shapes.js';

/** Nodes that stay learn that a cluster is another now: their my.cnf, and what a server can be told while it runs. */
export function learnPlan(
  setting: Setting,
  before: Cluster,
  after: Cluster,
  staying: readonly Node[],
  running: readonly Node[],
): Plan {
  const increment = incrementOf(after);
  const counts = MANY_WRITERS.has(settingsOf(after).shape) && increment !== incrementOf(before);
  const told = counts ? staying.filter(({ name }) => running.some((node) => node.name === name)) : [];
  return {
    parallel: [
      ...staying.map((node) => learnStep(setting, node, [before, settledPart(before)], after)),
      ...told.map((node) => setStep(node, `auto_increment_increment = ${increment}`)),
    ],
  };
}

/** @param formers what the cluster may be by its my.cnf */
export function learnStep(setting: Setting, node: Node, formers: readonly Cluster[], now: Cluster): Step {
  const { build, image } = serverOf(setting, node);
  const configOf = (cluster: Cluster) => renderConfig(cluster, node, build, image);
  return carryOverStep(setting.machine, node, 'my.cnf', formers.map(configOf), configOf(now));
}
