import type { Act, Plan, Step } from '../cluster/plan.js';
import type { Node } from '../cluster/cluster.js';
import type { Setting, Topology } from '../topologies/topology.js';
import { pristineDirectory, type Equipment } from './resolve.js';

/** What data directories of nodes begin as, whatever was there, and what their topology puts beside them. */
export function dataPlan(
  topology: Topology,
  setting: Setting,
  recipes: Equipment['recipes'],
  nodes: readonly Node[],
  beginsAs: (node: Node) => 'pristine' | 'empty' = () => 'pristine',
): Plan {
  return {
    parallel: nodes.map((node) => ({
      sequence: [
        beginsAs(node) === 'pristine' ? cloneStep(setting, recipes, node) : emptyStep(node),
        topology.prepare(setting, node),
      ],
    })),
  };
}

/** Shares blocks where the file system can, and keeps holes everywhere. */
function cloneStep({ machine }: Setting, recipes: Equipment['recipes'], node: Node): Step {
  const pristine = pristineDirectory(machine, recipes.get(node.name)?.key ?? '');
  return {
    step: `clone the pristine directory for ${node.name}`,
    acts: [
      ...anewActs(node),
      {
        do: 'run',
        argv: ['cp', '-a', '--reflink=auto', '--sparse=always', `${pristine}/data`, `${node.directory}/data`],
      },
    ],
  };
}

function emptyStep(node: Node): Step {
  return {
    step: `make an empty data directory for ${node.name}`,
    acts: [...anewActs(node), { do: 'mkdir', path: `${node.directory}/data`, mode: 0o700, owner: 'server' }],
  };
}

function anewActs({ directory }: Node): readonly Act[] {
  return [
    { do: 'remove', path: `${directory}/data` },
    { do: 'mkdir', path: directory, mode: 0o755, owner: 'root' },
  ];
}
