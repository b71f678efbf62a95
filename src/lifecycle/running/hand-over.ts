import type { Cluster } from '../../cluster/cluster.js';
import { UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { loadCluster } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Context } from '../context.js';
import { ANSWER_TIMEOUT, viewCluster } from '../status.js';
import { promoteNode } from './promote-node.js';

/** Who took over from a primary; null for whoever is none, and where nobody can. */
export async function switchOver(
  name: string,
  node: string,
  timeout: number,
  context: Context,
): Promise<string | null> {
  for (const successor of await successorsOf(context.machine, name, node)) {
    try {
      await promoteNode(name, successor, { force: false, timeout }, context);
      return successor;
    } catch (error) {
      // Some are not made to be primaries, and of some shapes and groups nobody is: clients find the others by themselves.
      if (!(error instanceof UsageError)) throw error;
    }
  }
  return null;
}

/** Who could take over from a primary: the healthy of its group. Nobody from whoever is none, and where all take writes. */
async function successorsOf(machine: Machine, name: string, node: string): Promise<readonly string[]> {
  const cluster: Cluster = await loadCluster(machine, name);
  if (typeof topologyNamed(cluster.topology).promote === 'string') return [];
  const { nodes } = await viewCluster(machine, cluster, ANSWER_TIMEOUT);
  const own = nodes.find((view) => view.name === node);
  if (own?.role !== 'primary' || own.process !== 'running') return [];
  const others = nodes.filter((view) => view.group === own.group && view.role !== 'primary' && view.healthy);
  return others.map((view) => view.name);
}
