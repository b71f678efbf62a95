import type { Cluster } from '../../cluster/cluster.js';
import { topologyNamed } from '../../topologies/registry.js';
import { applyPlan } from '../apply.js';
import type { Limited } from '../context.js';
import { preparePlan, pristineDataOf } from '../data-directories.js';
import { formAnew } from '../form.js';
import { ensurePristine } from '../pristine.js';
import { buildsOf, recipesOf } from '../resolve.js';
import { settingOf } from '../setting.js';
import type { Beginning } from './beginning.js';

/** All nodes begin as those of a new cluster do. Pristine directories that are gone are made again. */
export async function fromClones(target: Cluster, context: Limited): Promise<Beginning> {
  const { machine } = context;
  const { settings, nodes } = target;
  const topology = topologyNamed(target.topology);
  const before = await settingOf(machine, target);
  const options = nodes[0]?.options ?? [];
  topology.check(buildsOf(before.servers), { settings, options, memory: target.memory });
  const recipes = recipesOf(machine, topology, { options, settings }, before.servers, nodes);
  for (const recipe of new Set(recipes.values())) await ensurePristine(recipe, context);
  return {
    sources: new Map(nodes.map((node) => [node, pristineDataOf(machine, recipes, node)])),
    async form(cluster) {
      const setting = { ...before, cluster };
      await applyPlan(preparePlan(topology, setting, cluster.nodes), { ...context, deadline: Infinity });
      await formAnew({ topology, setting, recipes, formations: topology.formations(setting) }, context);
    },
  };
}
