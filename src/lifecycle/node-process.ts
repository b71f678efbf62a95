import type { Node } from '../cluster/cluster.js';
import type { ServerProcess } from '../process/find.js';

export const MISSING: ServerProcess = { state: 'missing', pid: null, memory: null };

/** How a node's server stands by what is wanted of it: one that is wanted stopped needs no namespace, as after a reboot. */
export function processOf(
  { wanted }: Pick<Node, 'wanted'>,
  { state, pid }: Pick<ServerProcess, 'state' | 'pid'> = MISSING,
): ServerProcess['state'] | 'stopped' {
  return wanted === 'stopped' && pid === null ? 'stopped' : state;
}
