import type { Cluster } from '../../cluster/cluster.js';
import { idsOf, type Fault } from '../../cluster/fault.js';
import { NotFoundError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { loadCluster } from '../../state/clusters.js';
import { loadRules } from '../../state/rules.js';
import { topologyNamed } from '../../topologies/registry.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { describeFault } from '../ground/fault-view.js';
import { recorded } from '../record.js';
import { selectCluster } from '../select.js';
import { ANSWER_TIMEOUT, viewCluster } from '../status.js';
import type { FaultView } from '../view.js';
import { proveTalking, type Proof } from './prove.js';
import { undo, type Undone } from './undo.js';

export interface HealRequest {
  /** The name of the cluster; the only one when it is not said. */
  readonly cluster?: string | undefined;
  /** Ids of faults; none is all. */
  readonly faults: readonly string[];
  /** Milliseconds for pairs to talk again, and for servers to start. */
  readonly timeout: number;
}

/** What was healed, and what is left to do. */
export interface HealView extends Undone, Proof {
  readonly cluster: string;
  readonly healed: readonly FaultView[];
  /** What servers do not mend by themselves. */
  readonly notes: readonly string[];
}

/**
 * Ends faults, undoes what they did, and proves that hosts talk again. It can be said again and again.
 * @throws NotFoundError for a fault that is not there; NotReadyError when pairs stay silent or a server does not start; what
 *   `startNodes` throws.
 */
export async function heal(request: HealRequest, context: Context): Promise<HealView> {
  const { machine } = context;
  const cluster = await selectCluster(machine, request.cluster);
  requireRoot(machine, `heal ${cluster.name}`);
  requirePrograms(machine);
  const { faults } = loadRules(machine, cluster.name);
  const meant = request.faults.map((id) => faultNamed(cluster, faults, id));
  const due = meant.length > 0 ? meant : faults;
  const healed = due.map((fault) => describeFault(machine, cluster, fault, null));
  return recorded(machine, cluster.name, { verb: 'heal', about: idsOf(due).join(', ') }, async () => {
    const undone = await undo(cluster, due, request.timeout, context);
    const proof = await proveTalking(cluster, due, request.timeout, context);
    return { cluster: cluster.name, healed, ...undone, ...proof, notes: await notesOn(machine, cluster) };
  });
}

/** Whoever was put out by the others does not come back by itself. */
async function notesOn(machine: Machine, { name }: Cluster): Promise<readonly string[]> {
  const cluster = await loadCluster(machine, name);
  const { nodes } = await viewCluster(machine, cluster, ANSWER_TIMEOUT);
  const { life } = topologyNamed(cluster.topology);
  const out = nodes.filter(({ process, status }) => process === 'running' && life.isPutOut(status));
  return out.map((node) => `${node.name} was put out by the others: dbns restart ${name} ${node.name}`);
}

function faultNamed(cluster: Cluster, faults: readonly Fault[], id: string): Fault {
  const found = faults.find((fault) => fault.id === id);
  if (found !== undefined) return found;
  const there = faults.map((fault) => fault.id).join(', ') || 'none';
  throw new NotFoundError(`'${cluster.name}' has no fault ${id}: there is ${there}.`);
}
