import { UsageError } from '../../errors/errors.js';
import { saveCluster } from '../../state/clusters.js';
import { keepNewRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Loss } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import { underClusterLock } from '../cluster-lock.js';
import { requireRoot, type Context } from '../context.js';
import { ensureKeeper } from '../keeping/keeper.js';
import { selectNode } from '../select.js';
import { settingOf } from '../setting.js';
import { PATIENT_ANSWER_TIMEOUT, viewCluster } from '../status.js';
import type { ClusterView } from '../view.js';

/** What a `promote` did. */
export interface PromotionView {
  readonly cluster: ClusterView;
  readonly primary: string;
  /** What the former primary had and the new one has not; null when nothing can be lost. */
  readonly loss: Loss | null;
}

export interface PromoteOptions {
  /** The primary is dead, and what it alone has may be lost. */
  readonly force: boolean;
  /** Milliseconds that the new primary may take to catch up. */
  readonly timeout: number;
}

/**
 * Makes a node the primary of its cluster, nothing lost; by force where the primary is dead, and then it says what is.
 * Interrupted or failed before roles turn round, the former primary goes on as it was.
 * @throws UsageError, NotFoundError, ConflictError, NotReadyError, InterruptedError.
 */
export async function promoteNode(
  clusterName: string,
  nodeName: string,
  { force, timeout }: PromoteOptions,
  { machine, observer, signal }: Context,
): Promise<PromotionView> {
  requireRoot(machine, `promote ${clusterName} ${nodeName}`);
  return underClusterLock(machine, clusterName, { verb: 'promote', nodes: [nodeName] }, async (saved) => {
    const setting = await settingOf(machine, saved);
    const node = selectNode(setting.cluster, nodeName);
    const { promote } = topologyNamed(setting.cluster.topology);
    if (typeof promote === 'string') throw new UsageError(promote);
    const { prepare, undo, turn, cluster, loss, warnings } = await promote({ setting, node, force });
    const application = { machine, observer, deadline: Date.now() + timeout };
    const unstoppable = { ...application, signal: new AbortController().signal };
    try {
      await applyPlan(prepare, { ...application, signal });
    } catch (error) {
      observer.phaseFailed?.();
      await applyPlan(undo, unstoppable);
      throw error;
    }
    for (const warning of warnings) observer.warned?.(warning);
    await applyPlan(turn, unstoppable);
    await saveCluster(machine, cluster);
    await keepNewRoles(machine, setting.cluster, cluster);
    await ensureKeeper(machine, clusterName);
    return { cluster: await viewCluster(machine, cluster, PATIENT_ANSWER_TIMEOUT), primary: node.name, loss };
  });
}
