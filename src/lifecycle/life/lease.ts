import type { Machine } from '../../host/machine.js';
import { clusterDirectory } from '../../state/clusters.js';
import { forgetLease, saveLease } from '../../state/lease.js';
import { underClusterLock } from '../cluster-lock.js';
import { requireRoot, type Context } from '../context.js';
import { ensureKeeper } from '../keeping/keeper.js';
import { grantLease, type LeaseRequest } from '../lease.js';
import { selectName } from '../select.js';
import { settled } from '../status.js';
import type { ClusterView } from '../view.js';

/**
 * Says anew for how long a cluster is there; null: until somebody destroys it.
 * @throws NotFoundError for a cluster, or a process, that is not there; ConflictError while another dbns is at work on it.
 */
export async function leaseCluster(
  clusterName: string | undefined,
  request: LeaseRequest | null,
  { machine }: Pick<Context, 'machine'>,
): Promise<ClusterView> {
  requireRoot(machine, 'lease');
  const name = await selectName(machine, clusterName);
  return underClusterLock(machine, name, { verb: 'lease' }, async (cluster) => {
    await setLease(machine, name, request);
    await ensureKeeper(machine, name);
    return settled(machine, cluster);
  });
}

async function setLease(machine: Machine, name: string, request: LeaseRequest | null): Promise<void> {
  if (request === null) await forgetLease(machine, name);
  else await saveLease(machine, clusterDirectory(machine, name), grantLease(machine, request));
}
