import type { Loss } from '../../topologies/topology.js';
import { underClusterLock } from '../cluster-lock.js';
import { requireRoot, type Context } from '../context.js';
import { ensureKeeper } from '../keeping/keeper.js';
import { promoteIn } from './promote.js';
import { selectNode } from '../select.js';
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
  context: Context,
): Promise<PromotionView> {
  const { machine } = context;
  requireRoot(machine, `promote ${clusterName} ${nodeName}`);
  return underClusterLock(machine, clusterName, { verb: 'promote', nodes: [nodeName] }, async (saved) => {
    const { name } = selectNode(saved, nodeName);
    const { cluster, loss } = await promoteIn(saved, { to: name, force }, timeout, context);
    await ensureKeeper(machine, clusterName);
    return { cluster: await viewCluster(machine, cluster, PATIENT_ANSWER_TIMEOUT), primary: name, loss };
  });
}
