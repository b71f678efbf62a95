import * as v from 'valibot';
import type { Network } from '../../cluster/cluster.js';
import { assertInterfaceName, parseRange, traitsOf, type AddressRange, type LanKind } from '../../cluster/lan.js';
import { bridgeName, linkGroup, stemOf } from '../../cluster/names.js';
import { formatSubnet, parseSubnet, readCidr, sizeOf } from '../../cluster/subnet.js';
import { lies, type Layout } from '../../cluster/zone.js';
import { ConflictError, NotFoundError, UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { findSwitch, switchWith } from './open-vswitch.js';

/** What is asked of a LAN that a cluster's nodes are to be in. */
export interface LanWish {
  readonly bridgeTo?: string | undefined;
  readonly addressRange?: string | undefined;
  readonly dhcp?: boolean | undefined;
  readonly gateway?: string | undefined;
  readonly force?: boolean | undefined;
  readonly subnet?: string | undefined;
  readonly addresses?: Readonly<Record<string, string>> | undefined;
  readonly internal?: boolean | undefined;
  readonly mtu?: number | undefined;
  readonly zones?: number | undefined;
  readonly layout?: Layout | undefined;
  readonly ipv6?: boolean | undefined;
}

/** What a LAN has of its own, and no cluster chooses. */
const NOT_IN_A_LAN = {
  mtu: 'it has its MTU',
  internal: 'nothing keeps nodes from it',
  zones: 'it is one',
  layout: 'there is a bridge',
  ipv6: 'its prefixes are its own, and nodes have IPv4 alone there',
} as const;

/** @throws UsageError for words that go with a LAN alone, and for those that don't. */
export function assertLanWords(wish: LanWish): void {
  const { bridgeTo, addressRange, dhcp = false, gateway, force = false, addresses = {} } = wish;
  if (bridgeTo === undefined) {
    if (dhcp) throw new UsageError('--ip dhcp: it goes with --bridge-to.', ADVICE);
    if (addressRange !== undefined) throw new UsageError(`--ip ${addressRange}: a range is of a LAN.`, ADVICE);
    if (gateway !== undefined || force)
      throw new UsageError(`${force ? '--force' : '--gateway'}: it goes with --bridge-to.`, ADVICE);
    return;
  }
  assertInterfaceName('--bridge-to', bridgeTo);
  if (bridgeTo.startsWith('dbns')) throw new UsageError(`--bridge-to ${bridgeTo}: it is dbns's own.`);
  for (const [word, why] of Object.entries(NOT_IN_A_LAN)) {
    const value = wish[word as keyof typeof NOT_IN_A_LAN];
    if (value !== undefined && value !== false && value !== 'bridge')
      throw new UsageError(`--${word} and --bridge-to: of a LAN dbns chooses no ${word}: ${why}.`);
  }
  if (gateway !== undefined && readCidr(gateway)?.prefix !== 32)
    throw new UsageError(`--gateway ${gateway}: it is an IPv4 address.`);
  if (addressRange !== undefined) parseRange(addressRange);
  if (dhcp && (addressRange !== undefined || Object.keys(addresses).length > 0))
    throw new UsageError('--ip dhcp: all nodes get their addresses so, or none.');
  if (addressRange === undefined && !dhcp && Object.keys(addresses).length === 0)
    throw new UsageError('Say which addresses of the LAN the nodes are to have: nobody else knows what is free.', {
      suggestions: ['--ip dhcp', '--ip 192.168.7.50-192.168.7.69', '--ip node1=192.168.7.50 --ip node2=192.168.7.51 …'],
    });
}

const ADVICE = { suggestions: ['--bridge-to br0'] };

/** A bridge or an interface of the machine, and the LAN that it is in. */
export interface LanFound {
  readonly to: string;
  readonly kind: LanKind;
  /** A process passes its packets on, and not the kernel. */
  readonly userspace: boolean;
  readonly mtu: number;
  /** The machine's own there, as CIDR. */
  readonly addresses: readonly string[];
  /** Where the machine's default route by it goes. */
  readonly gateway: string | null;
  readonly isUplink: boolean;
}

const LINK = v.object({
  ifname: v.string(),
  mtu: v.number(),
  link_type: v.string(),
  master: v.optional(v.string()),
  linkinfo: v.optional(v.object({ info_kind: v.optional(v.string()) })),
  addr_info: v.array(v.object({ family: v.string(), local: v.string(), prefixlen: v.number() })),
});
const ROUTE = v.object({ dst: v.string(), gateway: v.optional(v.string()) });

/**
 * Looks at what was named.
 * @throws NotFoundError when it is not there; UsageError, ConflictError for what nodes can't be joined to.
 */
export async function findLan(machine: Machine, to: string): Promise<LanFound> {
  const argv = ['ip', '-json', '-details', 'address', 'show', 'dev', to];
  const { stdout, exitCode } = await machine.run(argv, { allowFailure: true });
  if (exitCode !== 0)
    throw new NotFoundError(`There is no bridge and no interface ${to}.`, { suggestions: ['ip -brief link'] });
  const [link] = v.parse(v.array(LINK), JSON.parse(stdout));
  if (link === undefined) throw new NotFoundError(`There is no bridge and no interface ${to}.`);
  const { stdout: text } = await machine.run(['ip', '-4', '-json', 'route', 'show', 'default', 'dev', to]);
  const routes = v.parse(v.array(ROUTE), JSON.parse(text.trim() || '[]'));
  const linkKind = link.linkinfo?.info_kind ?? null;
  const found = linkKind === 'bridge' ? null : await findSwitch(machine, to, linkKind);
  const kind = linkKind === 'bridge' ? 'bridge' : found === null ? 'interface' : 'openvswitch';
  if (kind === 'interface') await assertCanJoin(machine, link);
  const inet = link.addr_info.filter(({ family }) => family === 'inet');
  return {
    ...{ to, kind, userspace: found?.userspace ?? false, mtu: link.mtu },
    addresses: inet.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
    ...{ gateway: routes.flatMap(({ gateway }) => gateway ?? [])[0] ?? null, isUplink: routes.length > 0 },
  };
}

async function assertCanJoin(
  machine: Machine,
  { ifname, link_type, master, linkinfo }: v.InferOutput<typeof LINK>,
): Promise<void> {
  if (link_type !== 'ether')
    throw new UsageError(`--bridge-to ${ifname}: it carries no Ethernet frames (${link_type}): no bridge can have it.`);
  const wireless = ['wireless', 'phy80211'].some((name) => machine.files.exists(`/sys/class/net/${ifname}/${name}`));
  if (wireless)
    throw new UsageError(
      `--bridge-to ${ifname}: it is Wi-Fi. An access point takes frames from the one MAC that logged in, and nodes have their own.`,
      { suggestions: ['Take a wire, or leave --bridge-to away and: dbns expose'] },
    );
  if (linkinfo?.info_kind === 'macvlan' || linkinfo?.info_kind === 'ipvlan')
    throw new UsageError(
      `--bridge-to ${ifname}: it is a ${linkinfo.info_kind}, which takes frames for its own MAC alone.`,
    );
  // Open vSwitch is no master of its ports, or one of another name.
  const bridge = (await switchWith(machine, ifname)) ?? master;
  if (bridge !== undefined)
    throw new ConflictError(`${ifname} is in ${bridge} already.`, { suggestions: [`--bridge-to ${bridge}`] });
}

/**
 * The network of a cluster whose nodes are in a LAN.
 * @throws UsageError when nobody says what that LAN is; ConflictError for the machine's way out, without `force`.
 */
export function lanNetwork(
  wish: LanWish & { readonly clusterId: string; readonly nodes: number },
  found: LanFound,
): Network {
  const { clusterId, force = false } = wish;
  if (found.kind === 'interface' && found.isUplink && !force)
    throw new ConflictError(
      `The machine's default route goes by ${found.to}: while that moves to a bridge, and if it fails, you may lose the machine.`,
      { suggestions: ['--force, with another way to the machine at hand'] },
    );
  const subnet = subnetOf(wish, found);
  const range = wish.addressRange === undefined ? null : parseRange(wish.addressRange);
  assertInside(subnet, range);
  const gateway = wish.gateway ?? found.gateway ?? ownIn(subnet, found);
  if (gateway !== null && !lies(gateway, subnet))
    throw new UsageError(`The gateway ${gateway} is outside the LAN ${subnet}.`, {
      suggestions: ['--gateway ADDRESS'],
    });
  const lan = { to: found.to, kind: found.kind, range, userspace: found.userspace, dhcp: wish.dhcp === true };
  const bridge = traitsOf({ lan }).makesBridge ? bridgeName(clusterId, null) : found.to;
  return {
    ...{ name: 'net1', subnet, ipv6: null, stem: stemOf(clusterId), zones: [{ name: null, subnet, gateway, bridge }] },
    ...{ lan, linkGroup: linkGroup(clusterId), internal: false, mtu: found.mtu, uplinks: [], freed: [] },
  };
}

function subnetOf({ subnet, nodes }: LanWish & { readonly nodes: number }, { to, addresses }: LanFound): string {
  if (subnet !== undefined) return formatSubnet(parseSubnet(subnet, nodes));
  const [first] = addresses;
  const read = first === undefined ? null : readCidr(first);
  if (read === null)
    throw new UsageError(`The machine has no address on ${to}: say what the LAN is.`, {
      suggestions: ['--subnet 192.168.7.0/24'],
    });
  return formatSubnet({ ...read, base: read.base - (read.base % sizeOf(read)) });
}

function assertInside(subnet: string, range: AddressRange | null): void {
  for (const address of range === null ? [] : [range.first, range.last]) {
    if (!lies(address, subnet)) throw new UsageError(`--ip: ${address} is outside the LAN ${subnet}.`);
  }
}

/** The machine may be the one that leads out, as it is of a bridge that libvirt or a container engine made. */
function ownIn(subnet: string, { addresses }: LanFound): string | null {
  return addresses.map((cidr) => cidr.split('/')[0] ?? '').find((address) => lies(address, subnet)) ?? null;
}
