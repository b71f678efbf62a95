import type { Node } from '../../cluster/cluster.js';
import type { Step } from '../../cluster/plan.js';
import type { Machine } from '../../host/machine.js';

/** Where a member keeps what it wrote and the others did not have. Source: the manual's "Rollback Data". */
const rollbackDirectory = ({ directory }: Node) => `${directory}/data/rollback`;

/** Tells what members rolled back from now on, the moment in which the step is planned. */
export function rollbackStep(machine: Machine, nodes: readonly Node[]): Step {
  const filesOf = (node: Node) => machine.files.tree(rollbackDirectory(node)).map(({ path }) => path);
  const before = new Map(nodes.map((node) => [node.name, new Set(filesOf(node))]));
  return {
    step: 'look whether a member rolled back what it alone had',
    acts: [
      {
        do: 'ask',
        what: `files in data/rollback of ${nodes.map(({ name }) => name).join(', ')}`,
        ask({ tell }) {
          for (const node of nodes) {
            const added = filesOf(node).filter((file) => before.get(node.name)?.has(file) !== true);
            if (added.length > 0) tell(sentence(node, added.length));
          }
          return Promise.resolve();
        },
      },
    ],
  };
}

function sentence(node: Node, files: number): string {
  const count = files === 1 ? 'a file' : `${files} files`;
  return `${node.name} rolled back what it alone had written: ${count} for bsondump in ${rollbackDirectory(node)}`;
}
