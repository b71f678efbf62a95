import type { Node } from '../../cluster/cluster.js';
import type { Act, Step } from '../../cluster/plan.js';
import type { Machine } from '../../host/machine.js';

/**
 * What a my.cnf includes: the options of one start, by which the cluster forms. They stand in no argv, where a server that
 * starts itself again (RESTART) would find them, and are emptied when the cluster stands.
 */
export function formingFile({ directory }: Pick<Node, 'directory'>): string {
  return `${directory}/forming.cnf`;
}

/** Empty for a start by the my.cnf alone. */
export function formingAct(node: Node, content: string): Act {
  return { do: 'write', path: formingFile(node), content, mode: 0o644, owner: 'root' };
}

/** The cluster stands: whoever starts the server from now on finds no such option. */
export function formedStep(node: Node): Step {
  return { step: `forget how ${node.name} was started`, acts: [formingAct(node, '')] };
}

/** Whether whoever started a node's server last was ended before the cluster stood. */
export function isForming({ files }: Pick<Machine, 'files'>, node: Node): boolean {
  return (files.read(formingFile(node)) ?? '') !== '';
}

/** A my.cnf that an earlier dbns wrote, or that somebody wrote anew, may not include that file. */
export function includeActs({ files }: Machine, node: Node): readonly Act[] {
  const path = `${node.directory}/my.cnf`;
  const config = files.read(path);
  if (config === null || config.includes(formingFile(node))) return [];
  const content = `${config.trimEnd()}\n\n!include ${formingFile(node)}\n`;
  return [{ do: 'write', path, content, mode: 0o644, owner: 'root' }];
}
