import type { ClusterSpec } from '../../cluster/cluster.js';
import { topologyNamed } from '../../topologies/registry.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { fillingOf } from '../data/fill.js';
import { grantLease, type LeaseRequest } from '../lease.js';
import { recorded } from '../record.js';
import { checkWords } from '../resolve.js';
import type { ClusterView } from '../view.js';
import { bear, ensurePristines, equipAnew } from './bear.js';
import { addressed } from './by-dhcp.js';
import { wishFor } from './standby/match.js';
import { refillLater } from './standby/refill.js';
import { takeStandby } from './standby/take.js';
import { makeWay } from './standby/way.js';

export interface CreateOptions {
  /** Milliseconds for all that servers do, that of a pristine directory among them; the ground takes no such time. */
  readonly timeout?: number;
  /** A cluster that did not come up is left for inspection. */
  readonly keepOnFailure?: boolean;
  /** For how long it is there; until somebody destroys it when absent. */
  readonly lease?: LeaseRequest;
}

const DEFAULT_TIMEOUT = 120_000;

/**
 * Makes a cluster, or takes one that stands by for these words, and returns when every node is ready, asked over its socket
 * and at its address. Whatever fails, and an abort, is rolled back.
 * @throws UsageError, MachineError, NotFoundError, ConflictError before anything was touched; NotReadyError,
 *   InterruptedError, MachineError after the rollback; LeftoverError when that could not remove everything.
 */
export async function makeCluster(
  spec: ClusterSpec,
  context: Context,
  options: CreateOptions = {},
): Promise<ClusterView> {
  const { machine } = context;
  const topology = topologyNamed(spec.topology);
  const wanted = { topology, ...checkWords(spec, topology) };
  requireRoot(machine, `${topology.name} create`);
  requirePrograms(machine);
  const lease = options.lease === undefined ? null : grantLease(machine, options.lease);
  const filling = fillingOf(machine, spec);
  const { timeout = DEFAULT_TIMEOUT, keepOnFailure = false } = options;
  const deadline = Date.now() + timeout;
  const served = await equipAnew(machine, wanted);
  const wish = await wishFor(machine, wanted);
  const taken = wish === null ? null : await takeStandby({ ...served, lease }, wish, context);
  const awaited = new Set(wish === null ? [] : [wish.id]);
  try {
    if (taken !== null) return taken;
    for (const id of await makeWay(spec, context)) awaited.add(id);
    const placed = await addressed(served, { ...context, deadline });
    await ensurePristines(placed, { ...context, deadline });
    const terms = { timeout, left: deadline - Date.now(), keepOnFailure };
    return await bear({ ...placed, filling, lease, standby: null }, context, terms, ({ name, nodes }, act) =>
      recorded(machine, name, { verb: 'create', nodes: nodes.map((node) => node.name) }, act),
    );
  } finally {
    await refillLater(machine, awaited);
  }
}
