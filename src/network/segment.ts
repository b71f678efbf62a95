import type { Host, Network } from '../cluster/cluster.js';
import { macOf, readCidr } from '../cluster/subnet.js';
import { zoneOf, type Zone } from '../cluster/zone.js';

/**
 * How a host is joined to its network. The one place that knows whether there is a bridge: all else makes links, addresses and
 * routes out of these words.
 */
export interface Segment {
  readonly zone: Zone;
  /** What it reaches without the machine, CIDR. */
  readonly subnet: string;
  /** Its address with the length of that prefix, as `ip address` has it. */
  readonly address: string;
  /** Words of `ip link add` for the machine's end of its link. */
  readonly born: string;
  /** Words of `ip link set` that join that end. */
  readonly plug: string;
  /** Lines for `ip -batch` of the machine that do the rest; again they do no harm. */
  readonly lines: readonly string[];
  /** Words of `ip route` by which it leaves its segment, and who answers there when nobody does by himself. */
  readonly via: string;
  readonly neighbour: string | null;
  /** Whether the machine's end, as it is found, is joined; and what is said of one that is not. */
  readonly isJoined: (end: LinkEnd) => boolean;
  readonly apart: string;
}

/** The machine's end of a link, as it is found. */
export interface LinkEnd {
  /** What it is plugged into, if anything. */
  readonly bridge: string | null;
  /** Its own addresses, and those that it leads to. */
  readonly addresses: readonly string[];
}

/** Where a routed host sends what is not for itself: link-local, the same everywhere (as Calico has it). */
const NEXT_HOP = '169.254.1.1';

export function segmentOf(network: Pick<Network, 'zones' | 'lan'>, host: Pick<Host, 'address' | 'link'>): Segment {
  const zone = zoneOf(network, host);
  if (zone.bridge === null) return routed(zone, host);
  return bridged(zone, zone.bridge, host, network.lan === null ? '' : ` address ${humble(host)}`);
}

/** The bridge of a zone where the cluster makes it, and the address that it gives the machine there, if any. */
export function ownBridge(
  { lan }: Pick<Network, 'lan'>,
  zone: Zone,
): { bridge: string; address: string | null } | null {
  const { bridge, gateway, subnet } = zone;
  if (bridge === null || lan?.kind === 'bridge') return null;
  return { bridge, address: lan === null ? `${gateway ?? ''}/${prefixOf(subnet)}` : null };
}

function prefixOf(subnet: string): number {
  return readCidr(subnet)?.prefix ?? 24;
}

/** A bridge without a MAC of its own takes the lowest of its ports': what somebody else's has must not change with a port of ours. */
function humble({ address }: Pick<Host, 'address'>): string {
  return macOf(address).replace(/^02/, 'fe');
}

function bridged(zone: Zone, bridge: string, { address }: Pick<Host, 'address'>, born: string): Segment {
  return {
    ...{ zone, subnet: zone.subnet, address: `${address}/${prefixOf(zone.subnet)}` },
    ...{ born, plug: ` master ${bridge}`, lines: [], via: `via ${zone.gateway ?? ''}`, neighbour: null },
    isJoined: (end) => end.bridge === bridge,
    apart: `is not plugged into ${bridge}`,
  };
}

/**
 * The machine's end has the gateway's address, and the host's as its peer: so the kernel has the route to the host as long as
 * that end is up, and takes it along with it.
 */
function routed(zone: Zone, { address, link }: Pick<Host, 'address' | 'link'>): Segment {
  const gateway = zone.gateway ?? '';
  const mac = macOf(gateway);
  return {
    ...{ zone, subnet: `${address}/32`, address: `${address}/32` },
    ...{ born: ` address ${mac}`, plug: '' },
    lines: [`address replace ${gateway} peer ${address}/32 dev ${link}\n`],
    ...{ via: `via ${NEXT_HOP} onlink`, neighbour: `${NEXT_HOP} lladdr ${mac}` },
    isJoined: (end) => end.bridge === null && [gateway, address].every((one) => end.addresses.includes(one)),
    apart: `has not the address ${gateway} that leads to ${address}`,
  };
}
