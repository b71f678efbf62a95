import { wantedNodes, type Cluster } from '../../cluster/cluster.js';
import type { Fault, Harm } from '../../cluster/fault.js';
import { NotFoundError, NotReadyError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import type { Pair } from '../../network/pairs.js';
import { wake } from '../../process/end.js';
import { loadCluster } from '../../state/clusters.js';
import { loadRules } from '../../state/rules.js';
import { topologyNamed } from '../../topologies/registry.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { describeFault } from '../ground/fault-view.js';
import { recorded } from '../record.js';
import { startNodes } from '../running/start.js';
import { serversOf } from '../running/verb.js';
import { selectCluster } from '../select.js';
import { ANSWER_TIMEOUT, viewCluster } from '../status.js';
import { forget } from './forget.js';
import { pairsTakenBy, portsOf } from './matrix.js';
import { probePairs, type Reach } from './probe.js';
import type { FaultView } from '../view.js';

export interface HealRequest {
  /** The name of the cluster; the only one when it is not said. */
  readonly cluster?: string | undefined;
  /** Ids of faults; none is all. */
  readonly faults: readonly string[];
  /** Milliseconds for pairs to talk again, and for servers to start. */
  readonly timeout: number;
}

/** What was healed, and what is left to do. */
export interface HealView {
  readonly cluster: string;
  readonly healed: readonly FaultView[];
  readonly started: readonly string[];
  readonly resumed: readonly string[];
  /** How many pairs that did not talk do now. */
  readonly talking: number;
  /** Those of whom one is not there. */
  readonly absent: readonly Pair[];
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
    const { resumed, started } = await undo(cluster, due, request.timeout, context);
    const proof = await proveTalking(cluster, due, request.timeout, context);
    return { cluster: cluster.name, healed, started, resumed, ...proof, notes: await notesOn(machine, cluster) };
  });
}

/** What faults did is undone, but what other faults hold. */
export async function undo(
  { name }: Cluster,
  due: readonly Fault[],
  timeout: number,
  context: Context,
): Promise<Pick<HealView, 'started' | 'resumed'>> {
  const { machine } = context;
  const killed = due.filter(({ kind }) => kind === 'kill') as readonly Harm[];
  const paused = due.filter(({ kind }) => kind === 'pause') as readonly Harm[];
  const resumed = hostsFreed(machine, name, paused);
  await forget(machine, name, idsOf(due.filter((fault) => !killed.includes(fault as Harm))));
  const cluster = await loadCluster(machine, name);
  for (const { namespace } of cluster.nodes.filter((node) => resumed.includes(node.name))) wake(machine, namespace);
  for (const { namespace } of cluster.companions.filter((one) => resumed.includes(one.name))) wake(machine, namespace);
  const dead = hostsFreed(machine, name, killed).filter((host) => isDead(machine, cluster, host));
  if (dead.length > 0) await startNodes(name, dead, { timeout }, context);
  await forget(machine, name, idsOf(killed));
  return { started: dead, resumed };
}

const idsOf = (faults: readonly Fault[]) => faults.map(({ id }) => id);

/** Whom no other fault of the kind holds. */
function hostsFreed(machine: Machine, name: string, ending: readonly Harm[]): readonly string[] {
  const ends = new Set(idsOf(ending));
  const held = loadRules(machine, name).faults.flatMap((fault) =>
    'hosts' in fault && fault.kind === ending[0]?.kind && !ends.has(fault.id) ? fault.hosts : [],
  );
  return [...new Set(ending.flatMap(({ hosts }) => hosts))].filter((host) => !held.includes(host));
}

/** Wanted and without a server: one that was to be stopped meanwhile stays so. */
function isDead(machine: Machine, cluster: Cluster, name: string): boolean {
  const programs = [...wantedNodes(cluster), ...cluster.companions.filter(({ wanted }) => wanted === 'running')];
  const program = programs.find((one) => one.name === name);
  return program !== undefined && (serversOf(machine, [program]).get(name)?.pid ?? null) === null;
}

/** Milliseconds that one round of probes waits. */
const ROUND = 800;

async function proveTalking(
  { name }: Cluster,
  healed: readonly Fault[],
  timeout: number,
  { machine, observer, signal }: Context,
): Promise<Pick<HealView, 'talking' | 'absent'>> {
  const cluster = await loadCluster(machine, name);
  const pairs = pairsToProve(machine, cluster, healed);
  if (pairs.length === 0) return { talking: 0, absent: [] };
  const title = `try whether ${pairs.length} pairs talk again`;
  observer.phaseStarted?.(title);
  const deadline = Date.now() + timeout;
  for (;;) {
    signal.throwIfAborted();
    const reach = await probePairs(machine, cluster, pairs, portsOf(cluster, null), ROUND);
    const silent = pairs.filter((pair) => reach.has(pair.join(' ')) && !talks(reach.get(pair.join(' '))));
    if (silent.length === 0) {
      observer.phaseDone?.(title);
      return { talking: reach.size, absent: pairs.filter((pair) => !reach.has(pair.join(' '))) };
    }
    if (Date.now() < deadline) continue;
    observer.phaseFailed?.();
    const words = silent.map(([from, to]) => `${from} to ${to}`);
    throw new NotReadyError(`The faults are healed, and still nothing comes from ${words.join(', ')}.`, {
      suggestions: [`dbns fault list ${name}`, `dbns fault matrix ${name}`, 'dbns doctor'],
    });
  }
}

/** Those whom no other fault keeps apart; what goes to the machine itself is not tried, for a firewall may be there. */
function pairsToProve(machine: Machine, cluster: Cluster, healed: readonly Fault[]): readonly Pair[] {
  const left = new Set(
    loadRules(machine, cluster.name).faults.flatMap((fault) =>
      pairsTakenBy(cluster, fault).map((pair) => pair.join(' ')),
    ),
  );
  const hosts = new Set([...cluster.nodes, ...cluster.companions, ...cluster.attached].map(({ name }) => name));
  const pairs = healed.flatMap((fault) => pairsTakenBy(cluster, fault)).filter(([, to]) => hosts.has(to));
  const both = pairs.filter(([from, to]) => !left.has(`${from} ${to}`) && !left.has(`${to} ${from}`));
  return [...new Map(both.map((pair) => [pair.join(' '), pair])).values()];
}

const talks = (reach: Reach | undefined) => reach === 'open' || reach === 'refused';

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
