import { hostsOf, type Cluster } from '../../cluster/cluster.js';
import { GATEWAY, namedBy, type Flow, type Quality, type Side, type Slow } from '../../cluster/fault.js';
import { needsQueue } from '../../cluster/quality.js';
import { zoneNames } from '../../cluster/zone.js';
import { NotFoundError, UsageError } from '../../errors/errors.js';
import { pairsOf } from '../../network/pairs.js';
import { queuesOf } from '../../network/queues.js';
import { tryQueues } from '../../network/queues-present.js';
import { loadRules } from '../../state/rules.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { describeFault } from '../ground/fault-view.js';
import { slowsIn } from '../ground/queues.js';
import { ensureKeeper } from '../keeping/keeper.js';
import { selectCluster } from '../select.js';
import type { FaultView } from '../view.js';
import { assertMeetsFirewall, assertTakenInLan } from './in-lan.js';
import { beginFault, type FaultRequest } from './begin.js';
import { assertQuality } from './assert-quality.js';
import { readDelays, type DelayMatrix } from './delay-matrix.js';
import { flowsToStrangers, hostsInZone, inZones } from './in-zones.js';

/** Whose packets, by one of five ways; where hosts are named a zone stands for all of its own. */
export interface SlowRequest extends FaultRequest {
  /** What this host sends to each other node, and what it gets from each. */
  readonly node?: string | undefined;
  /** What hosts of this zone send to those outside, and what they get from there. */
  readonly zone?: string | undefined;
  /** Two hosts: what each of both sends to the other. */
  readonly pair?: readonly string[] | undefined;
  /** One way: what each of these sends to each of those. */
  readonly from?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
  /** Between hosts, each pair its own delay. */
  readonly matrix?: DelayMatrix | undefined;
  /** What becomes of them, in each direction. */
  readonly quality: Quality;
}

type SlowFlow = Slow['flows'][number];

/**
 * Lets packets between hosts come late, seldom, twice, in another order, damaged, or through a narrow place. It adds to what
 * other faults do.
 * @throws UsageError, NotFoundError; MachineError where the kernel can't, saying what works; with nothing changed.
 */
export async function slow(request: SlowRequest, { machine }: Context): Promise<FaultView> {
  requireRoot(machine, `fault slow ${request.cluster}`);
  requirePrograms(machine);
  const chosen = await selectCluster(machine, request.cluster);
  const flows = flowsOf(chosen, request);
  const others = slowsIn(machine, loadRules(machine, chosen.name));
  await tryQueues(machine, queuesOf(chosen, [...others, { flows }]));
  const fault = await beginFault<Slow>(machine, { ...request, cluster: chosen.name }, 'slow', () => ({ flows }));
  await ensureKeeper(machine, chosen.name);
  return describeFault(machine, chosen, fault, null);
}

function flowsOf(cluster: Cluster, request: SlowRequest): readonly SlowFlow[] {
  const flows =
    request.matrix === undefined ? plainFlows(cluster, request) : matrixFlows(cluster, request, request.matrix);
  assertThere(cluster, flows);
  if (flows.some(({ to, quality }) => to !== 'rest' && to.includes(GATEWAY) && needsQueue(quality))) {
    throw new UsageError('What goes to the gateway can only be lost; all else is done where a host receives.', {
      suggestions: ['--from gateway --to node1 slows the way back, and so the round trip'],
    });
  }
  if (flows.some(({ from, quality }) => from !== 'rest' && from.includes(GATEWAY) && quality.duplicate !== null))
    throw new UsageError('What the gateway sends can not come twice: it comes in at no link of a host.');
  if (flows.some(({ quality }) => quality.loss !== null || quality.duplicate !== null)) assertMeetsFirewall(cluster);
  const lossy = flows.filter(({ quality }) => quality.loss !== null);
  assertTakenInLan(cluster, pairsOf(cluster, lossy, null));
  if (pairsOf(cluster, flows, null).length === 0)
    throw new UsageError('No packets go between those whom you name: nothing would be slow.');
  return flows;
}

function plainFlows(cluster: Cluster, request: SlowRequest): readonly SlowFlow[] {
  const { node, zone, pair, from, to, quality } = request;
  const ways = [node, zone, pair, from ?? to].filter((way) => way !== undefined);
  if (ways.length !== 1) throw new UsageError(WAYS);
  assertQuality(quality);
  const flows = zone === undefined ? flowsBetween(request) : flowsOfZone(cluster, zone);
  return flows.map((flow) => ({ ...withHosts(cluster, flow), quality }));
}

function flowsOfZone(cluster: Cluster, zone: string): readonly Flow[] {
  const hosts = hostsInZone(cluster, zone);
  return [{ from: hosts, to: 'rest' }, { from: 'rest', to: hosts }, ...flowsToStrangers(cluster, [hosts])];
}

/** With hosts where zones were named. */
function withHosts(cluster: Cluster, { from, to }: Flow): Flow {
  const on = (side: Side) => (side === 'rest' ? side : inZones(cluster, side));
  return { from: on(from), to: on(to) };
}

function flowsBetween({ node, pair, from, to }: Pick<SlowRequest, 'node' | 'pair' | 'from' | 'to'>): readonly Flow[] {
  if (node !== undefined && node !== GATEWAY)
    return [
      { from: [node], to: 'rest' },
      { from: 'rest', to: [node] },
    ];
  if (node !== undefined) throw new UsageError('The gateway is no node: name it by --from, and hosts by --to.');
  if (pair !== undefined) {
    const [one = '', other = ''] = pair;
    if (pair.length !== 2) throw new UsageError('--pair: write two names with a comma between: node1,node2.');
    return [
      { from: [one], to: [other] },
      { from: [other], to: [one] },
    ];
  }
  if (from === undefined || to === undefined) throw new UsageError('One way is --from somebody --to somebody.');
  return [{ from, to }];
}

const WAYS = 'Say whose packets, by one of --node, --zone, --pair, --from with --to, and --matrix.';

function matrixFlows(cluster: Cluster, request: SlowRequest, matrix: DelayMatrix): readonly SlowFlow[] {
  const { node, zone, pair, from, to, quality } = request;
  if ([node, zone, pair, from, to].some((way) => way !== undefined)) throw new UsageError(WAYS);
  if (quality.delay !== null) throw new UsageError('The delays are in the file: leave --delay away.');
  const delays = readDelays(matrix, [...hostsOf(cluster).map(({ name }) => name), ...zoneNames(cluster.network)]);
  return delays.map((pairDelay) => {
    const own = { ...quality, delay: pairDelay.delay };
    assertQuality(own);
    return { ...withHosts(cluster, { from: [pairDelay.from], to: [pairDelay.to] }), quality: own };
  });
}

function assertThere(cluster: Cluster, flows: readonly SlowFlow[]): void {
  const there = [...hostsOf(cluster).map(({ name }) => name), GATEWAY];
  const missing = namedBy({ flows }).find((name) => !there.includes(name));
  if (missing !== undefined)
    throw new NotFoundError(`'${cluster.name}' has no ${missing}. There are ${there.join(', ')}.`);
}
