import type { Plan } from '../../cluster/plan.js';
import type { Setting, Topology } from '../../topologies/topology.js';
import { certificatesPlan } from '../certificates.js';
import { dataPlan } from '../data-directories.js';
import { groundPlan, type GroundPresent } from '../ground/ground.js';
import type { Equipment } from '../resolve.js';

/** All that comes before the servers start: the ground, and data directories. */
export function createPlan(
  topology: Topology,
  setting: Setting,
  recipes: Equipment['recipes'],
  present: GroundPresent,
): Plan {
  const { machine, cluster } = setting;
  return {
    title: `prepare the network ${cluster.network.subnet} and ${cluster.nodes.length} data directories`,
    parallel: [
      groundPlan(machine, cluster, present),
      dataPlan(topology, setting, recipes, cluster.nodes),
      certificatesPlan(machine, cluster),
    ],
  };
}
