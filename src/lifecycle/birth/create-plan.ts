import type { Plan } from '../../cluster/plan.js';
import type { ForwardChain } from '../../network/observe.js';
import type { Setting, Topology } from '../../topologies/topology.js';
import { certificatesPlan } from '../certificates.js';
import { dataPlan } from '../data-directories.js';
import { groundPlan, nothingBut } from '../ground/ground.js';
import type { Equipment } from '../resolve.js';

/** All that comes before the servers start: the ground, and data directories. */
export function createPlan(
  topology: Topology,
  setting: Setting,
  recipes: Equipment['recipes'],
  chains: readonly ForwardChain[],
): Plan {
  const { machine, cluster } = setting;
  const passed = cluster.network.uplinks.length === 0 ? [] : chains;
  return {
    title: `prepare the network ${cluster.network.subnet} and ${cluster.nodes.length} data directories`,
    parallel: [
      groundPlan(machine, cluster, nothingBut(passed)),
      dataPlan(topology, setting, recipes, cluster.nodes),
      certificatesPlan(machine, cluster),
    ],
  };
}
