import type { Node } from '../../cluster/cluster.js';
import type { Plan, Step } from '../../cluster/plan.js';
import type { ForwardChain } from '../../network/observe.js';
import type { Setting, Topology } from '../../topologies/topology.js';
import { groundPlan, nothingBut } from '../ground.js';
import { pristineDirectory, type Equipment } from '../resolve.js';

/** All that comes before the servers start: the ground, and data directories. */
export function createPlan(
  topology: Topology,
  setting: Setting,
  recipes: Equipment['recipes'],
  chains: readonly ForwardChain[],
): Plan {
  const { machine, cluster } = setting;
  return {
    title: `prepare the network ${cluster.network.subnet} and ${cluster.nodes.length} data directories`,
    parallel: [groundPlan(machine, cluster, nothingBut(chains)), dataPlan(topology, setting, recipes)],
  };
}

/** Fresh data directories for all nodes, whatever was there. */
export function dataPlan(topology: Topology, setting: Setting, recipes: Equipment['recipes']): Plan {
  return {
    parallel: setting.cluster.nodes.map((node) => ({
      sequence: [cloneStep(setting, recipes, node), topology.prepare(setting, node)],
    })),
  };
}

/** Shares blocks where the file system can, and keeps holes everywhere. */
function cloneStep({ machine }: Setting, recipes: Equipment['recipes'], node: Node): Step {
  const pristine = pristineDirectory(machine, recipes.get(node.name)?.key ?? '');
  return {
    step: `clone the pristine directory for ${node.name}`,
    acts: [
      { do: 'remove', path: `${node.directory}/data` },
      { do: 'mkdir', path: node.directory, mode: 0o755, owner: 'root' },
      {
        do: 'run',
        argv: ['cp', '-a', '--reflink=auto', '--sparse=always', `${pristine}/data`, `${node.directory}/data`],
      },
    ],
  };
}
