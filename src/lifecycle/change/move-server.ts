import type { Cluster, Node } from '../../cluster/cluster.js';
import { stepsOf, type Plan } from '../../cluster/plan.js';
import { serverTitle } from '../../cluster/server.js';
import { carryOverStep } from '../../servers/carry-over.js';
import { saveCluster } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { NodeServer, Setting } from '../../topologies/topology.js';
import type { Upgrade } from '../../topologies/upgrade.js';
import { applyPlan } from '../apply.js';
import type { Context } from '../context.js';
import { copyOf } from '../data-directories.js';
import { selectNode } from '../select.js';
import { settingOf } from '../setting.js';

/** What a node gets. */
interface Move {
  readonly server: NodeServer;
  readonly part: Upgrade;
}

/** A cluster in which a node has another server. */
export function withServer(setting: Setting, { name }: Pick<Node, 'name'>, server: NodeServer): Setting {
  const { cluster, servers } = setting;
  const { image, build } = server;
  const nodes = cluster.nodes.map((node) =>
    node.name === name ? { ...node, image: image.ref, server: serverTitle(build) } : node,
  );
  return { ...setting, cluster: { ...cluster, nodes }, servers: new Map([...servers, [name, server]]) };
}

/**
 * Gives a node that does not run another server. What its data and its configuration need is made first: the old server takes it
 * too, and whoever comes after a kill finds the node with one of both.
 */
export async function moveServer(
  saved: Cluster,
  name: string,
  { server, part }: Move,
  context: Context,
): Promise<void> {
  const { machine, observer } = context;
  const before = await settingOf(machine, saved);
  const after = withServer(before, { name }, server);
  const node = selectNode(after.cluster, name);
  const [former, now] = [before, after].map((setting) => configIn(setting, name));
  const config: Plan =
    former === undefined || now === undefined
      ? { sequence: [] }
      : carryOverStep(machine, node, 'my.cnf', [former], now);
  const plan: Plan = {
    title: `give ${name} ${serverTitle(server.build)}`,
    sequence: [part.prepare(after, node), config],
  };
  await applyPlan(plan, { ...context, deadline: Infinity });
  const { made } = saved;
  await saveCluster(machine, { ...after.cluster, made: made === null ? null : { ...made, init: false } });
  if (made?.init !== true) return;
  observer.warned?.(
    `The data of create --init were kept as ${selectNode(saved, name).server} had them: a reset is empty from now on.`,
  );
  await machine.removeTrees(saved.nodes.map(copyOf));
}

/** The my.cnf of a node as it would be written; undefined for a server without one. */
function configIn(setting: Setting, name: string): string | undefined {
  const plan = topologyNamed(setting.cluster.topology).prepare(setting, selectNode(setting.cluster, name));
  const acts = stepsOf(plan).flatMap((step) => step.acts);
  return acts.flatMap((act) => (act.do === 'write' && act.path.endsWith('/my.cnf') ? [act.content] : []))[0];
}
