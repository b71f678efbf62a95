import type { Cluster, Companion } from '../../cluster/cluster.js';
import type { CompanionState, Front } from '../../companions/companion.js';
import { companionKind } from '../../companions/registry.js';
import type { Machine } from '../../host/machine.js';
import { loadPassword } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';

/** What a companion of a cluster stands in front of. Those that come or go are not led to. */
export function frontOf(machine: Machine, cluster: Cluster): Front {
  const { routes } = topologyNamed(cluster.topology);
  return {
    cluster: cluster.name,
    protocol: routes.protocol,
    network: cluster.network,
    nodes: routes.entries({ ...cluster, nodes: cluster.nodes.filter(({ phase }) => phase === 'added') }),
    memory: cluster.memory,
    sign: routes.sign(cluster),
    server: cluster.nodes[0]?.server ?? '',
    password: loadPassword(machine, cluster.name),
  };
}

/** Where a companion says that it leads. */
export function askCompanion(
  machine: Machine,
  cluster: Cluster,
  companion: Companion,
  timeout: number,
): Promise<CompanionState> {
  return companionKind(companion.kind).ask({ machine, companion, front: frontOf(machine, cluster) }, timeout);
}
