import type { ClusterSpec } from '../cluster/cluster.js';
import { makeCluster } from '../lifecycle/birth/create.js';
import { localMachine } from '../lifecycle/context.js';
import { withImages } from '../lifecycle/images/with-images.js';
import type { LeaseRequest } from '../lifecycle/lease.js';
import { selectName } from '../lifecycle/select.js';
import { contextOf, timeoutOf, type TimedCall } from './call.js';
import { Cluster } from './cluster.js';

/** What is wanted of a new cluster, in the words of `dbns TOPOLOGY create`. */
export interface ClusterWords extends ClusterSpec, TimedCall {
  /** For how long it is there: as long as this process when absent; `false` is until somebody destroys it. */
  readonly lease?: LeaseRequest | false | undefined;
  /** Images that are not here yet are pulled. */
  readonly pull?: boolean | undefined;
  /** A cluster that did not come up is left for inspection. */
  readonly keepOnFailure?: boolean | undefined;
}

/**
 * Makes a cluster, and returns when every node is ready; 2 minutes when no timeout is said. It goes with this process, however
 * that ends, unless its lease says something else. What fails, and an abort, leaves nothing.
 * @throws UsageError, MachineError (no root, a program that is missing), NotFoundError, ConflictError, NotReadyError.
 */
export async function createCluster(words: ClusterWords): Promise<Cluster> {
  const { lease, pull = false, keepOnFailure = false, timeout, signal, observer, ...spec } = words;
  const context = contextOf({ signal, observer });
  const options = {
    timeout: timeoutOf({ timeout }, '2m'),
    keepOnFailure,
    ...(lease !== false && { lease: lease ?? { processes: [process.pid] } }),
  };
  const { name } = await withImages(
    context,
    () => pull,
    {},
    () => makeCluster(spec, context, options),
  );
  return new Cluster(name);
}

/**
 * A cluster that is there.
 * @param name the only one when absent
 * @throws NotFoundError; UsageError when there are several and none was named.
 */
export async function openCluster(name?: string): Promise<Cluster> {
  return new Cluster(await selectName(localMachine, name));
}
