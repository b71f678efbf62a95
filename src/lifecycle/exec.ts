import { UsageError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { inNamespace } from '../process/container.js';
import { requireRoot } from './context.js';
import { selectCluster, selectNode } from './select.js';

/** Runs one of the machine's programs in a node's namespace, on our own streams; answers its exit code. */
export async function execOnNode(
  machine: Machine,
  clusterName: string,
  nodeName: string,
  argv: readonly string[],
): Promise<number> {
  requireRoot(machine, `exec ${clusterName} ${nodeName} -- …`);
  if (argv.length === 0) throw new UsageError('What should run? dbns exec CLUSTER NODE -- COMMAND …');
  const node = selectNode(await selectCluster(machine, clusterName), nodeName);
  return machine.attach(inNamespace(node.namespace, argv));
}
