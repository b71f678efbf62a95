import type { Act, Plan, Step } from '../cluster/plan.js';
import type { Node } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
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

/** By node, the directory that its data are a copy of. */
export type Sources = ReadonlyMap<Node, string>;

/**
 * Lays what nodes are to begin as beside what they have: their servers may run still. A reset that was cut short may have left
 * something there.
 */
export function freshPlan(sources: Sources): Plan {
  return {
    title: `clone ${sources.size} data ${sources.size === 1 ? 'directory' : 'directories'}`,
    parallel: [...sources].map(([node, from]) => ({
      step: `clone the data of ${node.name}`,
      acts: [...clearActs(node), copyAct(from, freshOf(node))],
    })),
  };
}

/** That takes the place of what they have. Their servers must not run; what they had is cleared later. */
export async function takePlaces({ files }: Machine, sources: Sources): Promise<void> {
  for (const node of sources.keys()) {
    if (files.exists(dataOf(node))) await files.rename(dataOf(node), goneOf(node));
    await files.rename(freshOf(node), dataOf(node));
  }
}

/** Takes away what lies beside the data of nodes. */
export function clearPlan(sources: Sources): Plan {
  const nodes = [...sources.keys()];
  return { parallel: nodes.map((node) => ({ step: `clear the directory of ${node.name}`, acts: clearActs(node) })) };
}

const clearActs = (node: Node): readonly Act[] => [freshOf(node), goneOf(node)].map((path) => ({ do: 'remove', path }));

/** What a topology puts beside the data of nodes. */
export function preparePlan(topology: Topology, setting: Setting, nodes: readonly Node[]): Plan {
  return { parallel: nodes.map((node) => topology.prepare(setting, node)) };
}

/** Where the data is that a node is cloned from. */
export function pristineDataOf(machine: Machine, recipes: Equipment['recipes'], { name }: Node): string {
  return `${pristineDirectory(machine, recipes.get(name)?.key ?? '')}/data`;
}

function cloneStep({ machine }: Setting, recipes: Equipment['recipes'], node: Node): Step {
  return {
    step: `clone the pristine directory for ${node.name}`,
    acts: [...anewActs(node), copyAct(pristineDataOf(machine, recipes, node), dataOf(node))],
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
const freshOf = ({ directory }: Node) => `${directory}/fresh`;
const goneOf = ({ directory }: Node) => `${directory}/gone`;
