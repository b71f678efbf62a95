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

/** Where the copy is of what a node had when its `create` returned, if one was taken. */
export function copyOf({ directory }: Pick<Node, 'directory'>): string {
  return `${directory}/init`;
}

/** Copies what nodes have, whose servers must not run, to where a reset finds it. */
export function keepCopiesPlan(nodes: readonly Node[]): Plan {
  return {
    parallel: nodes.map((node) => ({
      step: `copy the data of ${node.name}`,
      acts: [{ do: 'remove', path: copyOf(node) }, copyAct(dataOf(node), copyOf(node))],
    })),
  };
}

/** Gives nodes what was copied of them, whatever was there, and what their topology puts beside it. */
export function fromCopiesPlan(topology: Topology, setting: Setting, nodes: readonly Node[]): Plan {
  return {
    parallel: nodes.map((node) => ({
      sequence: [
        { step: `put back the data of ${node.name}`, acts: [...anewActs(node), copyAct(copyOf(node), dataOf(node))] },
        topology.prepare(setting, node),
      ],
    })),
  };
}

function cloneStep({ machine }: Setting, recipes: Equipment['recipes'], node: Node): Step {
  const pristine = pristineDirectory(machine, recipes.get(node.name)?.key ?? '');
  return {
    step: `clone the pristine directory for ${node.name}`,
    acts: [...anewActs(node), copyAct(`${pristine}/data`, dataOf(node))],
  };
}

function emptyStep(node: Node): Step {
  return {
    step: `make an empty data directory for ${node.name}`,
    acts: [...anewActs(node), { do: 'mkdir', path: dataOf(node), mode: 0o700, owner: 'server' }],
  };
}

function anewActs(node: Node): readonly Act[] {
  return [
    { do: 'remove', path: dataOf(node) },
    { do: 'mkdir', path: node.directory, mode: 0o755, owner: 'root' },
  ];
}

/** Shares blocks where the file system can, and keeps holes everywhere. */
function copyAct(from: string, to: string): Act {
  return { do: 'run', argv: ['cp', '-a', '--reflink=auto', '--sparse=always', from, to] };
}

const dataOf = ({ directory }: Node) => `${directory}/data`;
