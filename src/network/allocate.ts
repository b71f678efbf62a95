import type { Network } from '../cluster/cluster.js';
import { linkGroup, stemOf } from '../cluster/names.js';
import { ipv6Prefix, shareAddresses } from '../cluster/family.js';
import type { AddressRange } from '../cluster/lan.js';
import { DEFAULT_MTU } from '../cluster/mtu.js';
import {
  DEFAULT_POOL,
  addressAt,
  firstFreeSubnet,
  formatSubnet,
  overlap,
  parseSubnet,
  readCidr,
  sizeOf,
  type Subnet,
} from '../cluster/subnet.js';
import type { Zone } from '../cluster/zone.js';
import { ConflictError, UsageError } from '../errors/errors.js';
import type { ChosenAddresses } from './chosen.js';
import type { NetworkObservation, TakenSubnet } from './observe.js';
import { wantedUplinks } from './routes.js';
import { divide, notForHosts, type ShapeWish } from './zones.js';

export interface NetworkWish extends ShapeWish {
  readonly clusterId: string;
  readonly nodes: number;
  readonly subnet?: string | undefined;
  /** CIDR of what the subnet is taken from where none is named. */
  readonly pool?: string | undefined;
  readonly internal?: boolean | undefined;
  readonly mtu?: number | undefined;
  readonly ipv6?: boolean | undefined;
}

/**
 * A network for a new cluster, from what was asked, what the machine has, and what other clusters have saved.
 * @throws ConflictError when the subnet is taken, naming by what; UsageError when it is none.
 */
export function allocateNetwork(
  wish: NetworkWish,
  observation: NetworkObservation,
  saved: readonly TakenSubnet[],
): Network {
  const taken = [...saved, ...observation.taken];
  const { pool = DEFAULT_POOL } = wish;
  const subnet = wish.subnet === undefined ? freeSubnet(pool, taken, saved) : wantedSubnet(wish.subnet, wish, taken);
  return {
    name: 'net1',
    subnet: formatSubnet(subnet),
    ipv6: wish.ipv6 === true ? freePrefix(wish.clusterId, observation) : null,
    stem: stemOf(wish.clusterId),
    zones: divide(subnet, wish.clusterId, wish),
    lan: null,
    linkGroup: linkGroup(wish.clusterId),
    internal: wish.internal === true,
    mtu: wish.mtu ?? DEFAULT_MTU,
    uplinks: wantedUplinks({ internal: wish.internal === true, lan: null }, observation.uplinks),
    freed: [],
  };
}

/** The prefix is the cluster's own: whoever has it has far more. */
function freePrefix(clusterId: string, { takenIpv6 }: Pick<NetworkObservation, 'takenIpv6'>): string {
  const prefix = ipv6Prefix(clusterId);
  const inTheWay = takenIpv6.filter(({ cidr }) => shareAddresses(prefix, cidr));
  if (inTheWay.length === 0) return prefix;
  throw new ConflictError(`The IPv6 network ${prefix} is taken: ${enumerate(inTheWay)}.`, {
    suggestions: ['ip -6 route show table all', 'Leave --ipv6 away.'],
  });
}

/** The nodes that come, and what is known of their addresses. */
export interface AddressWish {
  readonly names: readonly string[];
  /** Of each of them. */
  readonly zones: readonly Zone[];
  /** By node, as `checkChosen` has looked at them. */
  readonly chosen?: ChosenAddresses | undefined;
  /** Of the nodes that are there. */
  readonly taken: readonly string[];
}

/**
 * Addresses for nodes that come, in their order, each of its zone: those that were chosen; for the others first those that nobody ever had,
 * in order, then those that were given back, the oldest first.
 * @throws ConflictError when the network is full.
 */
export function allocateAddresses(
  network: Pick<Network, 'freed' | 'zones' | 'lan'>,
  { names, zones, chosen = {}, taken }: AddressWish,
): readonly string[] {
  const gone = new Set([...taken, ...Object.values(chosen), ...notForHosts(network).keys()]);
  const free = new Map(
    [...new Set(zones)].map((zone) => {
      const count = names.filter((name, at) => zones[at] === zone && chosen[name] === undefined).length;
      return [zone, freeIn(zone, network, gone, count)] as const;
    }),
  );
  return names.map((name, at) => {
    const zone = zones[at];
    return chosen[name] ?? (zone === undefined ? undefined : free.get(zone)?.shift()) ?? '';
  });
}

/** @throws ConflictError when the zone has not so many. */
function freeIn(
  zone: Zone,
  { freed, lan }: Pick<Network, 'freed' | 'lan'>,
  taken: ReadonlySet<string>,
  count: number,
): string[] {
  const bounds = lan === null ? inside(zone.subnet) : lan.range;
  const free = bounds === null ? [] : firstFree(bounds, freed, taken, count);
  if (free.length === count) return free;
  if (lan?.dhcp === true)
    throw new UsageError('Nodes there have their addresses by DHCP: choose one for whoever else comes.', {
      suggestions: ['--ip ADDRESS, which the DHCP server does not give'],
    });
  if (lan !== null) throw rangeIsFull(bounds, free.length, count);
  throw new ConflictError(
    `The ${zone.name === null ? 'network' : `zone ${zone.name}`} ${zone.subnet} is full: it has ${free.length === 0 ? 'no address' : `${free.length} more`} for nodes, and ${count} ${count === 1 ? 'is' : 'are'} wanted.`,
    { suggestions: ['Remove a node, or make a cluster with a wider --subnet.'] },
  );
}

function rangeIsFull(range: AddressRange | null, free: number, wanted: number): ConflictError {
  const of =
    range === null ? 'No range of the LAN is for nodes' : `The range ${range.first}-${range.last} has ${free} left`;
  return new ConflictError(`${of}, and ${wanted} ${wanted === 1 ? 'is' : 'are'} wanted.`, {
    suggestions: ['--ip NODE=ADDRESS chooses any other of the LAN.'],
  });
}

/** All but the network itself, the gateway and the broadcast address. */
function inside(subnet: string): AddressRange {
  const { base, prefix } = readCidr(subnet) ?? { base: 0, prefix: 32 };
  return { first: addressAt({ base, prefix }, 2), last: addressAt({ base, prefix }, sizeOf({ base, prefix }) - 2) };
}

/** At most so many; a wide network has millions, and is not walked through. */
function firstFree({ first, last }: AddressRange, freed: Network['freed'], taken: ReadonlySet<string>, count: number) {
  const givenBack = new Set(freed);
  const [low, high] = [first, last].map((address) => readCidr(address)?.base ?? 0) as [number, number];
  const free: string[] = [];
  for (let base = low; base <= high && free.length < count; base++) {
    const address = addressAt({ base, prefix: 32 }, 0);
    if (!taken.has(address) && !givenBack.has(address)) free.push(address);
  }
  const isOurs = (address: string) => {
    const { base = -1 } = readCidr(address) ?? {};
    return low <= base && base <= high;
  };
  return [...free, ...[...givenBack].filter((address) => !taken.has(address) && isOurs(address))].slice(0, count);
}

/** The network when nodes gave their addresses back: the last that are given again, be they freed for the second time. */
export function giveBack(network: Network, addresses: readonly string[]): Network {
  return { ...network, freed: [...network.freed.filter((address) => !addresses.includes(address)), ...addresses] };
}

function wantedSubnet(text: string, { nodes, pool }: NetworkWish, taken: readonly TakenSubnet[]): Subnet {
  const subnet = parseSubnet(text, nodes);
  const conflicts = outermost(taken.filter((other) => overlap(subnet, other)));
  if (conflicts.length === 0) return subnet;
  const free = firstFreeSubnet(taken, pool);
  throw new ConflictError(`The subnet ${text} overlaps ${enumerate(conflicts)}.`, {
    suggestions: free === null ? adviceOf(taken) : [`Leave --subnet away: ${formatSubnet(free)} is free.`],
  });
}

function freeSubnet(pool: string, taken: readonly TakenSubnet[], saved: readonly TakenSubnet[]): Subnet {
  const subnet = firstFreeSubnet(taken, pool);
  if (subnet !== null) return subnet;
  const obstacles = obstaclesAmong(taken, pool);
  throw new ConflictError(`No network (/24) of ${pool} is free. In the way: ${enumerate(obstacles)}.`, {
    suggestions: [...(obstacles.some((one) => saved.includes(one)) ? ['dbns list'] : []), ...adviceOf(taken)],
  });
}

/** What takes networks of the pool, the widest first. */
export function obstaclesAmong(taken: readonly TakenSubnet[], pool: string): readonly TakenSubnet[] {
  const whole = readCidr(pool) ?? { base: 0, prefix: 0 };
  return outermost(taken.filter((other) => overlap(whole, other)));
}

/** Those that are in no other: a cluster's network has a route and addresses in it, and a wide route stands for all. */
function outermost(taken: readonly TakenSubnet[]): readonly TakenSubnet[] {
  const kept: TakenSubnet[] = [];
  for (const subnet of [...taken].sort((a, b) => a.prefix - b.prefix)) {
    if (!kept.some((wider) => overlap(wider, subnet))) kept.push(subnet);
  }
  return kept;
}

/** What to do when the pool has no free network. */
export function adviceOf(taken: readonly Subnet[]): readonly string[] {
  const others = OTHER_POOLS.map((pool) => firstFreeSubnet(taken, pool)).find((subnet) => subnet !== null);
  if (others === undefined) return ['ip -4 route show table all'];
  return [`--subnet ${formatSubnet(others)}, which is free`];
}

/** Private networks, those first of which others take the least. */
const OTHER_POOLS = ['172.30.0.0/16', '172.16.0.0/12', '192.168.0.0/16', '10.0.0.0/8'];
/** More than these are counted. */
const NAMED = 3;

/** The subnets in the kernel's words; of many the first. */
export function enumerate(subnets: readonly Pick<TakenSubnet, 'text'>[]): string {
  const texts = subnets.map(({ text }) => text);
  const more = texts.length > NAMED ? ` and ${texts.length - NAMED} more` : '';
  return `${texts.slice(0, NAMED).join(', ')}${more}`;
}
