import type { Cluster, Turn } from '../../cluster/cluster.js';
import { UsageError } from '../../errors/errors.js';
import { saveCluster } from '../../state/clusters.js';
import { keepNewRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Loss } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import type { Context } from '../context.js';
import { selectNode } from '../select.js';
import { settingOf } from '../setting.js';

/**
 * Makes a node the primary, for who has the cluster's lock. While that goes on it is noted with the cluster: where we are
 * killed, the same again, or a start, brings it to its end.
 * @param timeout ms that the new primary may take to catch up
 * @returns the cluster as it is saved then, and what the former primary had and the new one has not
 */
export async function promoteIn(
  saved: Cluster,
  turn: Turn,
  timeout: number,
  { machine, observer, signal }: Context,
): Promise<{ readonly cluster: Cluster; readonly loss: Loss | null }> {
  const setting = await settingOf(machine, saved);
  const node = selectNode(setting.cluster, turn.to);
  const { promote } = topologyNamed(setting.cluster.topology);
  if (typeof promote === 'string') throw new UsageError(promote);
  const {
    prepare,
    undo,
    turn: turnPlan,
    cluster,
    loss,
    warnings,
  } = await promote({ setting, node, force: turn.force });
  const application = { machine, observer, deadline: Date.now() + timeout };
  const unstoppable = { ...application, signal: new AbortController().signal };
  await saveCluster(machine, { ...saved, turn });
  try {
    await applyPlan(prepare, { ...application, signal });
  } catch (error) {
    observer.phaseFailed?.();
    await applyPlan(undo, unstoppable);
    await saveCluster(machine, { ...saved, turn: null });
    throw error;
  }
  for (const warning of warnings) observer.warned?.(warning);
  await applyPlan(turnPlan, unstoppable);
  const done: Cluster = { ...cluster, turn: null };
  await saveCluster(machine, done);
  await keepNewRoles(machine, setting.cluster, done);
  return { cluster: done, loss };
}
