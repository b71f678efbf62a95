import type { Node } from '../cluster/cluster.js';
import type { Step } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';

/** Writes into the configuration of a node that lives what has changed in it; a start reads it. */
export function carryOverStep(
  { files }: Machine,
  node: Node,
  file: 'my.cnf' | 'mongos.conf',
  before: string,
  after: string,
): Step {
  const path = `${node.directory}/${file}`;
  const content = carryOver(before, after, files.read(path) ?? after);
  return {
    step: `bring ${file} of ${node.name} up to date`,
    acts: [{ do: 'write', path, content, mode: 0o644, owner: 'root' }],
  };
}

/**
 * Brings what has changed between two renderings of a configuration into the file as it lies there, line by line: what
 * somebody wrote into it stays. Renderings that differ have as many lines.
 */
export function carryOver(before: string, after: string, present: string): string {
  const [former, now] = [before.split('\n'), after.split('\n')];
  if (former.length !== now.length) throw new Error('two renderings of a configuration differ by more than values');
  const changed = new Map(former.flatMap((line, index) => (line === now[index] ? [] : [[line, now[index] ?? '']])));
  return present
    .split('\n')
    .map((line) => changed.get(line) ?? line)
    .join('\n');
}
