import * as v from 'valibot';
import { hostsOf, type Cluster } from '../../cluster/cluster.js';
import { isInForce, timeLeft, type Fault, type Slow } from '../../cluster/fault.js';
import type { Moment } from '../../cluster/moment.js';
import { tableName } from '../../cluster/names.js';
import type { Rules } from '../../cluster/rules.js';
import { ofKind } from '../../cluster/schemas.js';
import type { Machine } from '../../host/machine.js';
import type { Count, Doubling, Taking, Takings } from '../../network/fault-rules.js';
import { forwards } from '../../network/forwarding.js';
import { listing } from '../../network/remove.js';
import { topologyNamed } from '../../topologies/registry.js';

/** What the faults in force take of packets now, and what they have taken. */
export async function takingsIn(machine: Machine, cluster: Cluster, { faults }: Rules): Promise<Takings> {
  const now = machine.now();
  const takings = faults.flatMap((fault) => takingsOf(cluster, fault, now));
  const slows = faults.filter((fault) => fault.kind === 'slow').filter((fault) => isInForce(fault, now));
  return {
    takings,
    doublings: slows.flatMap((fault) => sharesOf(fault, 'duplicate', now)),
    counts: takings.length === 0 ? new Map() : await countsOf(machine, cluster.name),
    devices: hostsOf(cluster).flatMap(({ link }) => (forwards(machine, link) === null ? [] : [link])),
  };
}

function takingsOf(cluster: Cluster, fault: Fault, now: Moment): readonly Taking[] {
  if (!isInForce(fault, now)) return [];
  if (fault.kind === 'slow') {
    const lost = sharesOf(fault, 'loss', now);
    return lost.map((one) => ({ ...one, channel: null, newOnly: false, reset: false }));
  }
  if (fault.kind !== 'partition') return [];
  const { id, flows, channel, newOnly, reset } = fault;
  const [part = null] = topologyNamed(cluster.topology)
    .channels(cluster)
    .filter(({ name }) => name === channel);
  return [{ fault: id, flows, channel: part, newOnly, reset, share: 1, left: timeLeft(fault, now) }];
}

/** By chance, and whatever the kernel's queues can do: it is the same everywhere. */
function sharesOf({ id, until, flows }: Slow, what: 'loss' | 'duplicate', now: Moment): readonly Doubling[] {
  const shares = [...new Set(flows.map(({ quality }) => quality[what]))].filter((share) => share !== null);
  return shares.map((share) => ({
    fault: id,
    flows: flows.filter(({ quality }) => quality[what] === share),
    ...{ share, left: timeLeft({ until }, now) },
  }));
}

/** The machine's ends of links that have no carrier, by the faults in force. */
export function cutLinks(machine: Machine, cluster: Cluster, { faults }: Rules): ReadonlySet<string> {
  const now = machine.now();
  const cut = new Set(faults.flatMap((fault) => (fault.kind === 'cut' && isInForce(fault, now) ? fault.hosts : [])));
  return new Set(hostsOf(cluster).flatMap(({ name, link }) => (cut.has(name) ? [link] : [])));
}

const COUNTER = v.object({
  counter: v.object({ name: v.string(), packets: v.number(), bytes: v.number() }),
});
const LISTING = v.object({ nftables: v.array(v.unknown()) });

/** By fault, what the kernel has counted; what a fault takes by another way than its table's is not there. */
export async function countsOf(machine: Machine, cluster: string): Promise<ReadonlyMap<string, Count>> {
  const text = await listing(machine, ['-j', 'list', 'counters', 'table', 'inet', tableName(cluster)]);
  if (text === null) return new Map();
  const counters = ofKind(COUNTER, v.parse(LISTING, JSON.parse(text)).nftables);
  return new Map(counters.map(({ counter: { name, packets, bytes } }) => [name, { packets, bytes }]));
}
