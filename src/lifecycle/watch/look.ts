import type { Cluster, Node } from '../../cluster/cluster.js';
import { isError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { findServers, type ServerProcess } from '../../process/find.js';
import { loadPassword } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import { watchWork } from '../at-work.js';
import { ANSWER_TIMEOUT, describeUnasked, viewNode } from '../status.js';
import type { NodeSeen } from '../view.js';

/** Looks for which a death is held back whose end is not noted yet: what notes it is a process that has to get its turn. */
const UNNOTED = 4;

/** Looks at the nodes of a cluster; each is told as soon as it is known. */
export type Look = (cluster: Cluster, onView: (view: NodeSeen) => void) => void;

/**
 * Looks at nodes again and again, each by itself: one that hangs is asked once in its time, and holds up none of the others.
 * What needs all of them (a split brain, say) is not looked for.
 */
export function looker(machine: Machine): Look {
  /** The process that is being asked, by node. */
  const asked = new Map<string, number | null>();
  /** How often one without a server was seen so, by node. */
  const looks = new Map<string, number>();
  return (cluster, onView) => {
    const servers = findServers(
      machine,
      cluster.nodes.map(({ namespace }) => namespace),
    );
    for (const node of cluster.nodes) {
      const server = servers.get(node.namespace);
      if (server?.state !== 'running') {
        asked.delete(node.name);
        looks.set(node.name, (looks.get(node.name) ?? 0) + 1);
        const view = describeUnasked(machine, node, server);
        const isUnnoted = view.process === 'dead' && view.exit === null;
        if (!isUnnoted || (looks.get(node.name) ?? 0) > UNNOTED) onView(view);
        continue;
      }
      looks.delete(node.name);
      if (asked.get(node.name) !== server.pid) {
        asked.set(node.name, server.pid);
        void ask(machine, cluster, node, server).then((view) => {
          // It may have ended meanwhile, and that was told.
          if (asked.get(node.name) !== server.pid) return;
          asked.delete(node.name);
          onView(view);
        });
      }
    }
  };
}

async function ask(machine: Machine, cluster: Cluster, node: Node, server: ServerProcess): Promise<NodeSeen> {
  const isAtWork = watchWork(machine, [server], ANSWER_TIMEOUT);
  const answer = await healthOf(machine, cluster, node).catch((error: unknown) =>
    isError(error) ? error : new Error(String(error)),
  );
  return viewNode(node, server, answer, isAtWork);
}

async function healthOf(machine: Machine, cluster: Cluster, node: Node) {
  const asked = { machine, cluster, password: loadPassword(machine, cluster.name) };
  const said = await topologyNamed(cluster.topology).health(asked, [node], ANSWER_TIMEOUT);
  return said.get(node.name) ?? new Error('it was not asked');
}
