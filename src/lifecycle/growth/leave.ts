import { without, type Cluster, type Node } from '../../cluster/cluster.js';
import { giveBack } from '../../network/allocate.js';
import { saveCluster } from '../../state/clusters.js';
import { withLastRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Leaving } from '../../topologies/growth.js';
import { applyPlan } from '../apply.js';
import { renewRules, withoutHost } from '../ground/change-rules.js';
import type { Context } from '../context.js';
import { writeNames } from '../ground/names.js';
import { removeThingsOf } from '../removal/remove-nodes.js';
import { settingOf } from '../setting.js';
import { endServers } from '../running/stop.js';
import { serversOf } from '../running/verb.js';

/** Until when those that stay must do without, ms since the epoch, and how long a server may take to end, ms. */
export interface Limits {
  readonly deadline: number;
  readonly patience: number;
}

/** How nodes would leave; nothing is touched. */
export async function planLeaving(
  cluster: Cluster,
  leaving: readonly Node[],
  { force, returns = false }: { readonly force: boolean; readonly returns?: boolean },
  { machine }: Context,
): Promise<Leaving> {
  const setting = await settingOf(machine, withLastRoles(machine, cluster));
  const servers = serversOf(machine, cluster.nodes);
  const running = setting.cluster.nodes.filter(({ name }) => servers.get(name)?.state === 'running');
  return topologyNamed(cluster.topology).growth.shrink({
    ...{ setting, running, force, returns },
    leaving: setting.cluster.nodes.filter(({ name }) => leaving.some((node) => node.name === name)),
  });
}

/**
 * Lets nodes leave, and takes away all that they have. Each step may be done again: whoever takes up a removal that was cut
 * short goes through all of them. Answers with the cluster as it is saved then.
 * @param plan null to leave without a word, where nobody could be asked how
 * @throws LeftoverError, NotReadyError, InterruptedError.
 */
export async function takeAway(
  cluster: Cluster,
  leaving: readonly Node[],
  plan: Leaving | null,
  application: Context & Limits,
): Promise<Cluster> {
  const { machine, patience } = application;
  const names = new Set(leaving.map(({ name }) => name));
  const going: Cluster = {
    ...cluster,
    nodes: cluster.nodes.map((node) =>
      names.has(node.name) ? { ...node, phase: 'removing', wanted: 'stopped' } : node,
    ),
  };
  await saveCluster(machine, going);
  if (plan !== null) await applyPlan(plan.before, application);
  await endServers(going, leaving, { timeout: patience }, application);
  for (const { name } of leaving) await withoutHost(machine, cluster.name, name);
  await removeThingsOf(machine, going, leaving);
  const { network, ...rest } = without(going, leaving);
  const left: Cluster = {
    ...rest,
    network: giveBack(
      network,
      leaving.map(({ address }) => address),
    ),
    ...(plan !== null && { settings: plan.settings }),
  };
  await writeNames(machine, left);
  if (plan !== null) await applyPlan(plan.after, application);
  await saveCluster(machine, left);
  await renewRules(machine, left.name);
  return left;
}
