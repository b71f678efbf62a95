import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { atLeast, readTitle, serverTitle, type ServerBuild } from '../../cluster/server.js';
import { UsageError } from '../../errors/errors.js';
import { askStep } from '../ask-step.js';
import { serverOf, type Setting } from '../setting.js';
import type { Upgrade } from '../upgrade.js';
import { primariesFirst } from '../routes.js';
import { CONFIG_SERVERS, ROUTERS } from './settings.js';
import { onMember } from './target.js';

/**
 * Config servers, then shards, then routers; in each set the primary last. Sources: the manual's "Upgrade a Sharded Cluster",
 * "Upgrade a Replica Set", "setFeatureCompatibilityVersion".
 */
export const upgrade: Upgrade = {
  order,
  handsOver: true,
  check(_cluster, chosen, to) {
    for (const node of chosen) assertStep(node, to);
  },
  refusal: () => Promise.resolve(null),
  forecast: () => Promise.resolve([]),
  prepare: () => ({ sequence: [] }),
  complete: () => ({ sequence: [] }),
  finish,
};

function order(cluster: Cluster): readonly Node[] {
  const rank = ({ group }: Node) => (group === CONFIG_SERVERS ? 0 : group === ROUTERS ? 2 : 1);
  const primariesLast = [...primariesFirst(cluster)].reverse();
  return primariesLast.sort((one, other) => rank(one) - rank(other));
}

/** Major versions come one after another, and data are of the feature version of the one before at least. */
function assertStep(node: Node, to: ServerBuild): void {
  const [ours, theirs] = [readTitle(node.server).version, to.version].map((version) => Number(version.split('.')[0]));
  if ((theirs ?? 0) - (ours ?? 0) <= 1) return;
  throw new UsageError(`${node.name} has ${node.server}, and ${serverTitle(to)} is more than one major version on.`);
}

/** Until then the data are those of the version before. */
function finish(setting: Setting): Plan {
  const { nodes } = setting.cluster;
  const node = nodes.find(({ group }) => group === ROUTERS) ?? nodes.find(({ role }) => role === 'primary');
  if (node === undefined) return { sequence: [] };
  const { version } = serverOf(setting, node).build;
  const command = {
    setFeatureCompatibilityVersion: version.split('.').slice(0, 2).join('.'),
    // From 7.0 on it wants to hear that there is no way back.
    ...(atLeast(version, '7.0') && { confirm: true }),
  };
  return askStep('let the data be those of the new version', node, JSON.stringify(command), (context) =>
    onMember(context, setting, node, async (session) => {
      await session.admin(command);
    }),
  );
}
