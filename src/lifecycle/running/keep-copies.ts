import type { Cluster } from '../../cluster/cluster.js';
import { loadCluster } from '../../state/clusters.js';
import { applyPlan } from '../apply.js';
import type { Context } from '../context.js';
import { keepCopiesPlan } from '../data-directories.js';
import { startIn } from './start.js';
import { stopIn } from './stop.js';

/**
 * Keeps a copy of what all nodes have, for `reset` to go back to. Servers stop in their topology's order and start again: so
 * each copy is whole, and they agree. Under the cluster's lock, at the end of a `create`: `made.init` says then that there are
 * copies.
 * @param timeout milliseconds that a node may take to stop, and all may take to start
 * @throws NotReadyError, InterruptedError, MachineError for a full disk.
 */
export async function keepCopies(cluster: Cluster, timeout: number, context: Context): Promise<void> {
  const { machine } = context;
  const { name, nodes } = cluster;
  await stopIn(cluster, [], { timeout }, context);
  const title = `copy the data of ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}, for resets to come`;
  await applyPlan({ title, sequence: [keepCopiesPlan(nodes)] }, { ...context, deadline: Infinity });
  await startIn(await loadCluster(machine, name), [], { timeout }, context);
}
