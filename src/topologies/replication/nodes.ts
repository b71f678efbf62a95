import type { Node } from '../../cluster/cluster.js';
import { ask, rootAt, type Session } from '../../servers/mysqld/client.js';
import { serverOf, type Setting } from '../topology.js';
import { wordsOf, type Words } from './words.js';

export function nodeNamed({ cluster }: Setting, name: string): Node {
  const node = cluster.nodes.find((candidate) => candidate.name === name);
  if (node === undefined) throw new Error(`there is no ${name}`);
  return node;
}

/** The words of a node's server, which `check` has seen to. */
export function wordsFor(setting: Pick<Setting, 'servers'>, node: Node): Words {
  const words = wordsOf(serverOf(setting, node).build);
  if (words === null) throw new Error(`no words for ${node.server}`);
  return words;
}

/** Works on a node over its socket, for as long as it takes: the work itself looks at its deadline. */
export function onNode(node: Node, work: (session: Session) => Promise<void>): Promise<void> {
  return ask(rootAt(node.socket), 2 ** 31 - 1, work);
}
