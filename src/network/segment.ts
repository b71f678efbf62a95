import type { Host, Network } from '../cluster/cluster.js';
import { familiesOf, type Addressed, type Family } from '../cluster/family.js';
import { traitsOf } from '../cluster/lan.js';
import { macOf } from '../cluster/subnet.js';
import { zoneOf, type Zone } from '../cluster/zone.js';

/** What of a network says how its hosts are joined to it. */
type Placing = Addressed & Pick<Network, 'lan'>;

/**
 * How a host is joined to its network. The one place that knows whether there is a bridge: all else makes links, addresses and
 * routes out of these words.
 */
export interface Segment {
  readonly zone: Zone;
  /** By each family of addresses, IPv4 first. */
  readonly ways: readonly Way[];
  /** Words of `ip link add` for the machine's end of its link. */
  readonly born: string;
  /** Words of `ip link set` that join that end. */
  readonly plug: string;
  /** Lines for `ip -batch` of the machine that do the rest; again they do no harm. */
  readonly lines: readonly string[];
  /** The Open vSwitch bridge that it is a port of, if any: its database is told. */
  readonly portOf: string | null;
  /** Each packet must have its checksum when it leaves the host. */
  readonly sums: boolean;
  /** Whether the machine's end, as it is found, is joined; and what is said of one that is not. */
  readonly isJoined: (end: LinkEnd) => boolean;
  readonly apart: string;
}

/** How a host reaches others by one family of addresses. */
export interface Way {
  readonly family: Family;
  /** What it reaches without the machine, CIDR. */
  readonly subnet: string;
  /** Its address with the length of that prefix, as `ip address` has it. */
  readonly address: string;
  /** Words of `ip route` by which it leaves its segment, and who answers there when nobody does by himself. */
  readonly via: string;
  readonly neighbour: string | null;
}

/** The machine's end of a link, as it is found. */
export interface LinkEnd {
  /** What it is plugged into, if anything. */
  readonly bridge: string | null;
  /** Its own addresses, and those that it leads to. */
  readonly addresses: readonly string[];
}

export function segmentOf(network: Placing, host: Pick<Host, 'address' | 'link'>): Segment {
  const zone = zoneOf(network, host);
  return zone.bridge === null ? routed(network, zone, host) : bridged(network, zone, zone.bridge, host);
}

/** A bridge that the cluster makes, and lines for `ip -batch` that give it the machine's addresses there. */
export interface OwnBridge {
  readonly bridge: string;
  readonly addresses: readonly string[];
}

/** The bridge of a zone where the cluster makes it; in a LAN it has what the interface that joins it has. */
export function ownBridge(network: Placing, zone: Zone): OwnBridge | null {
  const { bridge, gateway } = zone;
  if (bridge === null || !traitsOf(network).makesBridge) return null;
  if (network.lan !== null || gateway === null) return { bridge, addresses: [] };
  const addresses = familiesOf(network).flatMap((family) => [
    ...machineLinkLocal(family, bridge),
    `address add ${family.addressOf(gateway)}/${lengthOf(family.subnetOf(zone))} dev ${bridge}${family.words}\n`,
  ]);
  return { bridge, addresses };
}

/** A bridge without a MAC of its own takes the lowest of its ports': what somebody else's has must not change with a port of ours. */
function humble({ address }: Pick<Host, 'address'>): string {
  return macOf(address).replace(/^02/, 'fe');
}

function bridged(network: Placing, zone: Zone, bridge: string, host: Pick<Host, 'address'>): Segment {
  const gateway = zone.gateway ?? '';
  const ways = familiesOf(network).map((family): Way => {
    const subnet = family.subnetOf(zone);
    const own = `${family.addressOf(host.address)}/${lengthOf(subnet)}`;
    return { family, subnet, address: own, via: `via ${family.addressOf(gateway)}`, neighbour: null };
  });
  const isOvs = network.lan?.kind === 'openvswitch';
  return {
    ...{ zone, ways, born: network.lan === null ? '' : ` address ${humble(host)}` },
    ...{ plug: isOvs ? '' : ` master ${bridge}`, lines: [], portOf: isOvs ? bridge : null },
    sums: network.lan?.userspace === true,
    isJoined: (end) => end.bridge === bridge,
    apart: `is not plugged into ${bridge}`,
  };
}

/**
 * The machine's end has the gateway's address, and the host's as its peer: so the kernel has the route to the host as long as
 * that end is up, and takes it along with it. Who has no link-local address has a next hop that nobody answers for.
 */
function routed(network: Addressed, zone: Zone, { address, link }: Pick<Host, 'address' | 'link'>): Segment {
  const gateway = zone.gateway ?? '';
  const mac = macOf(gateway);
  const ways = familiesOf(network).map((family): Way => {
    const own = `${family.addressOf(address)}/${family.bits}`;
    const neighbour = family.discovery === null ? `${family.hop} lladdr ${mac}` : null;
    return { family, subnet: own, address: own, via: `via ${family.hop} onlink`, neighbour };
  });
  const pairs = ways.map(({ family }) => [family.addressOf(gateway), family.addressOf(address)] as const);
  return {
    ...{ zone, ways, born: ` address ${mac}`, plug: '', portOf: null, sums: false },
    lines: ways.flatMap(({ family, address: peer }) => [
      ...machineLinkLocal(family, link),
      `address replace ${family.addressOf(gateway)} peer ${peer} dev ${link}${family.words}\n`,
    ]),
    isJoined: (end) => end.bridge === null && pairs.flat().every((one) => end.addresses.includes(one)),
    apart: `has not the address ${pairs.map(([own, peer]) => `${own} that leads to ${peer}`).join(', and ')}`,
  };
}

/** What the machine asks for its neighbours by, on a bridge or the end of a link. */
function machineLinkLocal(family: Family, device: string): readonly string[] {
  return family.discovery === null ? [] : [`address replace ${family.hop}/64 dev ${device}${family.words}\n`];
}

/** `24` of `10.200.0.0/24`. */
function lengthOf(cidr: string): string {
  return cidr.split('/')[1] ?? '';
}
