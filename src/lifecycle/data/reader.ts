import type { Node } from '../../cluster/cluster.js';
import { NotReadyError } from '../../errors/errors.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Route } from '../../topologies/routes.js';
import type { Setting } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import type { Context } from '../context.js';
import { routesNow } from '../keeping/routes-now.js';
import { selectNode } from '../select.js';

/** How long a node may take to answer, and one that takes no writes to have what the writer has, ms. */
const ANSWER_TIMEOUT = 2000;
const CATCH_UP = 10_000;

/**
 * The node by which data goes out: the one that is named, else one that has all data of the cluster; first those that take no
 * writes, when they have caught up with one that does.
 * @throws NotFoundError; NotReadyError when there is none.
 */
export async function readerOf(setting: Setting, name: string | undefined, context: Context): Promise<Node> {
  const { cluster, machine } = setting;
  if (name !== undefined) return selectNode(cluster, name);
  const { entries, found } = await routesNow(machine, cluster, ANSWER_TIMEOUT);
  const whole = new Set(
    topologyNamed(cluster.topology)
      .data.whole(cluster)
      .map((node) => node.name),
  );
  const able = (can: (route: Route) => boolean) =>
    entries.filter((node) => {
      const route = found.get(node.name);
      return typeof route === 'object' && can(route);
    });
  const writers = able(({ writes }) => writes);
  const isWhole = (node: Node) => whole.has(node.name);
  for (const node of able(({ reads, writes }) => reads && !writes).filter(isWhole)) {
    if (await hasAll(setting, writers, node, context)) return node;
  }
  const [other] = able(({ reads, writes }) => reads || writes).filter(isWhole);
  if (other !== undefined) return other;
  throw new NotReadyError(`No node of '${cluster.name}' serves reads now and has all data.`, {
    suggestions: [`dbns status ${cluster.name}`, 'Or name a node with --node: it is taken as it is.'],
  });
}

async function hasAll(setting: Setting, writers: readonly Node[], node: Node, context: Context): Promise<boolean> {
  const { data } = topologyNamed(setting.cluster.topology);
  const arrivals = writers.map((writer) => data.arrival(setting, writer, [node]));
  if (arrivals.some(({ beyond }) => beyond.length > 0)) return false;
  const plan = { parallel: arrivals.map((arrival) => arrival.plan) };
  try {
    await applyPlan(plan, { ...context, deadline: Date.now() + CATCH_UP });
    return true;
  } catch (error) {
    if (!(error instanceof NotReadyError)) throw error;
    context.observer.told?.(`${node.name} has not all data yet: ${error.message}`);
    return false;
  }
}
