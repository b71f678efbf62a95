import { namesOf, wantedNodes, type Node } from '../../cluster/cluster.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Setting } from '../../topologies/topology.js';
import { applyPlan, type Application } from '../apply.js';
import { serversOf } from '../running/verb.js';

/**
 * Waits until all nodes that run have what one has now, and tells of those that do not get it; answers the names of those
 * that have it.
 * @throws NotReadyError when it is not there in time, or can't come; InterruptedError.
 */
export async function spread(setting: Setting, at: Node, application: Application): Promise<readonly string[]> {
  const { machine, cluster } = setting;
  const { observer } = application;
  const { data } = topologyNamed(cluster.topology);
  const wanted = wantedNodes(cluster);
  const states = serversOf(machine, wanted);
  const running = wanted.filter(({ name }) => states.get(name)?.state === 'running');
  const down = wanted.filter((node) => !running.includes(node));
  if (down.length > 0) observer.warned?.(`${namesOf(down)}: not running, and gets it when it comes back.`);
  const { plan, beyond } = data.arrival(setting, at, running);
  for (const sentence of beyond) observer.warned?.(sentence);
  const title = 'wait until all nodes have it';
  await applyPlan({ title, sequence: [plan] }, application);
  for (const sentence of await data.doubts(setting, at)) observer.warned?.(sentence);
  return running.map(({ name }) => name);
}
