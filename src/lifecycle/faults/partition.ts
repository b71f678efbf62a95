import { hostsOf, type Cluster } from '../../cluster/cluster.js';
import { GATEWAY, namedBy, type Channel, type ChannelName, type Partition } from '../../cluster/fault.js';
import { NotFoundError, UsageError } from '../../errors/errors.js';
import { pairsOf } from '../../network/pairs.js';
import { topologyNamed } from '../../topologies/registry.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { selectCluster } from '../select.js';
import { ANSWER_TIMEOUT, viewCluster } from '../status.js';
import { beginFault, type FaultRequest } from './begin.js';
import { channelNamed } from './channel.js';
import { describeFault } from '../ground/fault-view.js';
import { assertMeetsFirewall, assertTakenInLan } from './in-lan.js';
import { flowsToStrangers, hostsInZone, inZones } from './in-zones.js';
import { resetConnections } from './reset.js';
import { flowsOf, type Split } from './sides.js';
import type { FaultView } from '../view.js';

export interface PartitionRequest extends FaultRequest, Split {
  /** Zones of the network, a side each, with all who are there. */
  readonly zones?: readonly string[] | undefined;
  /** Only what belongs to it; null is all. */
  readonly channel: ChannelName | null;
  /** Connections that stand go on. */
  readonly newOnly: boolean;
  /** Senders are told by a reset, and connections that stand end. */
  readonly reset: boolean;
}

/**
 * Lets packets between hosts disappear; their addresses and links stay.
 * @throws UsageError, NotFoundError when that can't be, with nothing changed.
 */
export async function partition(request: PartitionRequest, { machine }: Context): Promise<FaultView> {
  requireRoot(machine, `fault partition ${request.cluster}`);
  requirePrograms(machine);
  const { channel: name, newOnly, reset } = request;
  const chosen = await selectCluster(machine, request.cluster);
  const channel = channelNamed(chosen, name);
  const split = splitIn(chosen, request);
  const among = { nodes: serversIn(chosen), primaries: await primariesIn(request, machine, chosen) };
  const zones = (request.zones ?? []).map((zone) => hostsInZone(chosen, zone));
  const flows = [
    ...flowsOf({ ...split, sides: [...split.sides, ...zones] }, among),
    ...flowsToStrangers(chosen, zones),
  ];
  const own = { flows, channel: name, newOnly, reset };
  const fault = await beginFault<Partition>(machine, { ...request, cluster: chosen.name }, 'partition', (cluster) => {
    assertTakes(cluster, own, channel);
    return own;
  });
  if (reset && !newOnly) await resetConnections(machine, chosen, pairsOf(chosen, flows, channel), channel);
  return describeFault(machine, chosen, fault, null);
}

/** With hosts where zones were named. */
function splitIn(cluster: Cluster, split: Split): Split {
  const names = (words: readonly string[] | undefined) => (words === undefined ? undefined : inZones(cluster, words));
  return {
    ...split,
    sides: split.sides.map((side) => inZones(cluster, side)),
    ...{ from: names(split.from), to: names(split.to) },
  };
}

function assertTakes(cluster: Cluster, own: Pick<Partition, 'flows'>, channel: Channel | null): void {
  const there = [...hostsOf(cluster).map(({ name }) => name), GATEWAY];
  for (const name of namedBy(own)) {
    if (there.includes(name)) continue;
    throw new NotFoundError(`'${cluster.name}' has no ${name}. There are ${there.join(', ')}.`);
  }
  const pairs = pairsOf(cluster, own.flows, channel);
  assertMeetsFirewall(cluster);
  assertTakenInLan(cluster, pairs);
  if (pairs.length > 0) return;
  const what = channel === null ? 'packets go' : `${channel.name} goes`;
  throw new UsageError(`No ${what} between those whom you name: nothing would be taken.`);
}

/** Those that are servers to each other: by them it is counted what a majority is. */
function serversIn(cluster: Cluster): readonly string[] {
  const [channel] = topologyNamed(cluster.topology).channels(cluster);
  return channel?.servers ?? [];
}

/** Servers are asked only when it matters. */
async function primariesIn({ isolate }: Split, machine: Context['machine'], cluster: Cluster) {
  if (isolate !== 'primary') return [];
  const { nodes } = await viewCluster(machine, cluster, ANSWER_TIMEOUT);
  return nodes.filter(({ role, process }) => role === 'primary' && process === 'running').map(({ name }) => name);
}
