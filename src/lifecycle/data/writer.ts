import type { Cluster, Node } from '../../cluster/cluster.js';
import { ConflictError, NotReadyError, isError, messageOf } from '../../errors/errors.js';
import { loadPassword } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Context } from '../context.js';
import { writerNow } from '../door.js';
import { serversOf } from '../running/verb.js';
import { selectNode } from '../select.js';

/** How long a node may take to answer, ms. */
const ANSWER_TIMEOUT = 2000;

/**
 * The node by which data comes in: the one that is named, where it takes writes, else one that does.
 * @throws NotFoundError; NotReadyError when nobody takes writes, or the node does not answer; ConflictError where what is
 *   written on it would be nowhere else.
 */
export async function writerOf({ machine }: Pick<Context, 'machine'>, cluster: Cluster, name?: string): Promise<Node> {
  if (name === undefined) return writerNow(machine, cluster);
  const node = selectNode(cluster, name);
  const suggestions = [`dbns status ${cluster.name}`];
  const state = serversOf(machine, [node]).get(name)?.state ?? 'missing';
  if (state !== 'running') throw new NotReadyError(`${name} is ${state}.`, { suggestions });
  const asked = { machine, cluster, password: loadPassword(machine, cluster.name) };
  const route = (await topologyNamed(cluster.topology).routes.ask(asked, [node], ANSWER_TIMEOUT)).get(name);
  if (route === undefined || isError(route)) {
    throw new NotReadyError(`${name} does not answer: ${messageOf(route)}.`, { suggestions });
  }
  if (route.writes) return node;
  throw new ConflictError(`${name} is ${route.is}: what is loaded there is nowhere else.`, {
    suggestions: ['Without --node it goes to a node that takes writes.', ...suggestions],
  });
}
