import { hostsOf } from '../cluster/cluster.js';
import { addressesOf, familiesOf } from '../cluster/family.js';
import { GATEWAY, type Quality, type Slow } from '../cluster/fault.js';
import { both, countsPackets, needsNetem, needsQueue } from '../cluster/quality.js';
import { pairsOf } from './pairs.js';
import type { Ruled } from './rule.js';

/** What of a fault is its own. */
type Slowing = Pick<Slow, 'flows'>;

/** What becomes of packets from one to another, by all faults together. */
export interface SlowPair {
  readonly from: string;
  readonly to: string;
  readonly quality: Quality;
}

/** What the kernel does with packets before a host gets them: at the machine's end of its link, by who sent them. */
export interface Queues {
  readonly device: string;
  readonly classes: readonly QueueClass[];
}

/** Packets from a host, or from whoever is none of the cluster: the machine and whatever is behind it. */
interface QueueClass {
  /** Its addresses, IPv4 first; null matches all. */
  readonly sources: readonly (string | null)[];
  /** Null: as they come. */
  readonly quality: Quality | null;
}

/** The pairs that faults slow, in one direction each. Several faults of a pair come together. */
export function slowPairs(cluster: Ruled, faults: readonly Slowing[]): readonly SlowPair[] {
  const pairs = new Map<string, SlowPair>();
  for (const { flows } of faults) {
    for (const { quality, ...flow } of flows) {
      for (const [from, to] of pairsOf(cluster, [flow], null)) {
        const before = pairs.get(`${from} ${to}`)?.quality;
        pairs.set(`${from} ${to}`, { from, to, quality: before === undefined ? quality : both(before, quality) });
      }
    }
  }
  return [...pairs.values()];
}

/** The queues of each host that gets slowed packets. */
export function queuesOf(cluster: Ruled, faults: readonly Slowing[]): readonly Queues[] {
  const hosts = hostsOf(cluster);
  const slowed = slowPairs(cluster, faults).filter(({ quality }) => needsQueue(quality));
  return hosts.flatMap(({ name, link }) => {
    const those = slowed.filter(({ to }) => to === name);
    return those.length === 0 ? [] : [{ device: link, classes: classesFor(cluster, those) }];
  });
}

/** Who is behind the machine has any address, so that hosts are to be told apart from them. */
function classesFor(cluster: Ruled, slowed: readonly SlowPair[]): readonly QueueClass[] {
  const { network } = cluster;
  const of = (name: string) => slowed.find(({ from }) => from === name)?.quality ?? null;
  const behind = of(GATEWAY);
  const classes = hostsOf(cluster).map((host) => ({
    sources: addressesOf(network, host),
    quality: of(host.name),
  }));
  return behind === null
    ? classes.filter(({ quality }) => quality !== null)
    : [...classes, { sources: familiesOf(network).map(() => null), quality: behind }];
}

/** The names of those whose packets are to leave one by one; `GATEWAY` is by the bridge. */
export function sendersOneByOne(cluster: Ruled, faults: readonly Slowing[]): ReadonlySet<string> {
  const counted = slowPairs(cluster, faults).filter(({ quality }) => countsPackets(quality));
  return new Set(counted.map(({ from }) => from));
}

/** Of ours among the queues of a link. htb can't be changed, and is replaced by another htb only by way of something else. */
const HANDLE = 'db05:';
const BETWEEN = 'db06:';

/** By them ours are known again. */
export const HANDLES: ReadonlySet<string> = new Set([HANDLE, BETWEEN]);

/**
 * All that `tc -batch` is told about a link: whatever was there is replaced. htb and u32 alone, for kernels have no more in
 * common; netem is in it where packets are more than counted.
 */
export function queuesText({ device, classes }: Queues): string {
  const numbered = classes.map((one, position) => ({ ...one, id: (position + 1).toString(16) }));
  return [
    `qdisc replace dev ${device} root handle ${BETWEEN} pfifo`,
    `qdisc replace dev ${device} root handle ${HANDLE} htb`,
    ...numbered.flatMap(({ id, quality }) => (quality === null ? [] : classLines(device, id, quality))),
    ...numbered.flatMap(({ id, sources, quality }) =>
      sources.map((source, family) => filterLine(device, source, quality === null ? '0' : id, family)),
    ),
    '',
  ].join('\n');
}

/** What `tc -batch` is told so that a link has no queues, whether it has ours or none. */
export function noQueuesText(device: string): string {
  return `qdisc replace dev ${device} root handle ${BETWEEN} pfifo\nqdisc delete dev ${device} root\n`;
}

/** Bits a second that no link here has. */
const ENDLESS = 100e9;

function classLines(device: string, id: string, quality: Quality): readonly string[] {
  const rate = quality.rate ?? ENDLESS;
  // A thousandth of a second's worth, and at least a packet: in less time the kernel does not come back.
  const burst = Math.max(1600, Math.round(rate / 8 / 1000));
  return [
    `class add dev ${device} parent ${HANDLE} classid ${HANDLE}${id} htb rate ${rate}bit burst ${burst} cburst ${burst} quantum 1514`,
    `qdisc add dev ${device} parent ${HANDLE}${id} ${leaf(quality)}`,
  ];
}

function leaf(quality: Quality): string {
  const { delay, jitter, reorder, corrupt } = quality;
  if (!needsNetem(quality)) return `pfifo limit ${room(quality)}`;
  const chance = (word: string, value: number | null) => (value === null ? [] : [word, percent(value)]);
  const late = delay === null ? [] : ['delay', time(delay), ...(jitter === null ? [] : [time(jitter)])];
  const words = [...late, ...chance('reorder', reorder), ...chance('corrupt', corrupt)];
  return ['netem limit', room(quality), ...words].join(' ');
}

/** Bits in a packet; the room before a narrow place, in milliseconds and in packets; where there is none. */
const PACKET = 1514 * 8;
const WAIT = 200;
const LEAST_ROOM = 32;
const MOST_ROOM = 100_000;

/** Packets that wait, those that are late on purpose too. */
function room({ delay, jitter, rate }: Quality): number {
  if (rate === null) return MOST_ROOM;
  const waiting = (rate * (WAIT + (delay ?? 0) + (jitter ?? 0))) / 1000 / PACKET;
  return Math.min(MOST_ROOM, Math.max(LEAST_ROOM, Math.ceil(waiting)));
}

function time(milliseconds: number): string {
  return `${Math.round(milliseconds * 1000)}us`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(4))}%`;
}

/** What no filter takes goes on as it comes: ARP, and whoever is not slowed. */
function filterLine(device: string, source: string | null, id: string, family: number): string {
  const { protocol, host } = FILTERS[family] ?? FILTERS[0];
  const match = source === null ? 'match u32 0 0' : `match ${host(source)}`;
  // Filters of one preference are of one protocol.
  return `filter add dev ${device} parent ${HANDLE} pref ${family + 1} protocol ${protocol} u32 ${match} flowid ${HANDLE}${id}`;
}

const FILTERS = [
  { protocol: 'ip', host: (source: string) => `ip src ${source}/32` },
  { protocol: 'ipv6', host: (source: string) => `ip6 src ${source}/128` },
] as const;
