import type { Cluster, Node } from '../../cluster/cluster.js';
import { atLeast, readTitle } from '../../cluster/server.js';
import { serverOf, type NodeServer, type Setting } from '../setting.js';

/** Of several servers the one whose data all others take. */
export function oldestOf(servers: readonly NodeServer[]): NodeServer | undefined {
  return servers.reduce<NodeServer | undefined>(
    (oldest, server) =>
      oldest === undefined || !atLeast(server.build.version, oldest.build.version) ? server : oldest,
    undefined,
  );
}

/** Whether a node's server is newer than another's: its data begin as of the oldest, and are brought to its version. */
export function isNewer(setting: Setting, node: Node): boolean {
  const oldest = oldestOf(setting.cluster.nodes.map((one) => serverOf(setting, one)));
  return oldest !== undefined && !atLeast(oldest.build.version, serverOf(setting, node).build.version);
}

/** The oldest first: who joins takes data over from its own version or an older one. */
export function oldestFirst<T>(setting: Setting, items: readonly T[], nodeOf: (item: T) => Node): readonly T[] {
  return [...items].sort((a, b) => {
    const [one, other] = [a, b].map((item) => serverOf(setting, nodeOf(item)).build.version);
    if (one === undefined || other === undefined || one === other) return 0;
    return atLeast(one, other) ? 1 : -1;
  });
}

/** The versions that a cluster has. */
export function versionsIn({ nodes }: Pick<Cluster, 'nodes'>): readonly string[] {
  return [...new Set(nodes.map(({ server }) => readTitle(server).version))];
}
