import type { Cluster, Companion } from '../../cluster/cluster.js';
import { NotFoundError } from '../../errors/errors.js';
import { giveBack } from '../../network/allocate.js';
import { saveCluster } from '../../state/clusters.js';
import { renewRules, withoutHost } from '../ground/change-rules.js';
import { underClusterLock } from '../cluster-lock.js';
import { requireRoot, type Context } from '../context.js';
import { writeNames } from '../ground/names.js';
import { removeThingsOf } from '../removal/remove-nodes.js';
import { settled } from '../status.js';
import type { ClusterView } from '../view.js';

/**
 * Takes companions away, and all that they have. What was exposed of them is not any more.
 * @throws NotFoundError, ConflictError; LeftoverError.
 */
export async function removeCompanions(
  clusterName: string,
  names: readonly string[],
  context: Context,
): Promise<ClusterView> {
  const { machine } = context;
  const words = ['proxy remove', clusterName, ...names].join(' ');
  requireRoot(machine, words);
  const verb = { verb: 'proxy remove', nodes: names, again: `dbns ${words}` };
  return underClusterLock(machine, clusterName, verb, async (saved) => {
    let cluster = saved;
    for (const name of names) cluster = await takeAwayCompanion(cluster, companionNamed(saved, name), context);
    return settled(machine, cluster);
  });
}

/** The companion of a name. */
export function companionNamed({ name: cluster, companions }: Cluster, name: string): Companion {
  const companion = companions.find((one) => one.name === name);
  if (companion !== undefined) return companion;
  const there = companions.length === 0 ? 'It has none.' : `It has: ${companions.map((one) => one.name).join(', ')}.`;
  throw new NotFoundError(`The cluster '${cluster}' has no proxy '${name}'. ${there}`);
}

/** Each step may be done again: whoever takes up a removal that was cut short goes through all of them. */
export async function takeAwayCompanion(cluster: Cluster, companion: Companion, context: Context): Promise<Cluster> {
  const { machine } = context;
  const others = cluster.companions.filter(({ name }) => name !== companion.name);
  const going: Companion = { ...companion, phase: 'removing', wanted: 'stopped' };
  await saveCluster(machine, { ...cluster, companions: [...others, going] });
  await withoutHost(machine, cluster.name, companion.name);
  await removeThingsOf(machine, cluster, [companion]);
  const left: Cluster = { ...cluster, companions: others, network: giveBack(cluster.network, [companion.address]) };
  await writeNames(machine, left);
  await saveCluster(machine, left);
  await renewRules(machine, cluster.name);
  return left;
}
