import ipaddr from 'ipaddr.js';
import type { Network } from './cluster.js';
import { zoneOf, type Zone } from './zone.js';

/** What of a network says which addresses its hosts have. */
export type Addressed = Pick<Network, 'subnet' | 'zones' | 'ipv6'>;

/** As nft names families of addresses. */
export type FamilyName = 'ip' | 'ip6';

/**
 * A family of addresses that a network has: IPv4, and IPv6 where it was asked for. Each host has an address of each. Whatever
 * names addresses is said once, over these.
 */
export interface Family {
  readonly name: FamilyName;
  /** Words of `ip` that choose it, where nothing else tells. */
  readonly flags: readonly string[];
  /** An address, as the type of nft's sets. */
  readonly type: 'ipv4_addr' | 'ipv6_addr';
  /** What the names of its sets end with. */
  readonly suffix: string;
  /** In an address. */
  readonly bits: 32 | 128;
  readonly loopback: string;
  /** By what mysqlds listen at all addresses of this family and of those before it. */
  readonly any: string;
  /** Words of `ip address add`, after all others: nobody asks whether somebody has that address already. */
  readonly words: string;
  /** The machine's end of a link, as all hosts know it that have nobody else on theirs. */
  readonly hop: string;
  /** Of the whole network, CIDR. */
  readonly subnet: string;
  /** As nft tells who can't be reached. */
  readonly unreachable: string;
  /** nft's match for what neighbours find each other by, where those are packets of this family: ARP's are not. */
  readonly discovery: string | null;
  /** The same for what makes hosts take somebody for their router. */
  readonly adverts: string | null;
  /** CIDR. */
  readonly subnetOf: (zone: Zone) => string;
  /** Beside an IPv4 address of the network's. */
  readonly addressOf: (address: string) => string;
  /** The addresses that hold on one link alone, beside such an address, CIDR. */
  readonly linkLocal: (address: string) => readonly string[];
}

export function familiesOf(network: Addressed): readonly Family[] {
  return [ipv4(network), ...(network.ipv6 === null ? [] : [ipv6(network, network.ipv6)])];
}

export function familyNames(network: Addressed): readonly FamilyName[] {
  return familiesOf(network).map(({ name }) => name);
}

/** All addresses of a host, or of a gateway, by its IPv4 one. */
export function addressesOf(network: Addressed, { address }: { readonly address: string }): readonly string[] {
  return familiesOf(network).map(({ addressOf }) => addressOf(address));
}

/** The IPv6 address of a host; null where its network has none. */
export function ipv6Of(network: Addressed, { address }: { readonly address: string }): string | null {
  return addressesOf(network, { address })[1] ?? null;
}

/** What a server listens on that is to be reached at all addresses of its host. */
export function anyAddress(network: Addressed): string {
  return familiesOf(network).at(-1)?.any ?? '0.0.0.0';
}

/** `HOST:PORT`, an IPv6 address in brackets (RFC 3986). */
export function atPort(host: string, port: number | undefined): string {
  return `${inBrackets(host)}:${port}`;
}

/** An IPv6 address in brackets, so that none of its colons is taken for that of a port; others as they are. */
export function inBrackets(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** An IPv6 address as it is written here, whoever wrote it (RFC 5952). */
export function plainIpv6(address: string): string {
  return ipaddr.IPv6.isValid(address) ? ipaddr.IPv6.parse(address).toString() : address;
}

/** The /64 of a cluster: unique local (RFC 4193), its global id out of the cluster's own. */
export function ipv6Prefix(clusterId: string): string {
  return `${textOf([0xfddb, hex(clusterId.slice(0, 4)), hex(clusterId.slice(4)), 0, 0, 0, 0, 0])}/64`;
}

/** Whether two CIDRs of one family have addresses in common. */
export function shareAddresses(one: string, other: string): boolean {
  const [a, b] = [readAny(one), readAny(other)];
  if (a === null || b === null) return false;
  return a[0].kind() === b[0].kind() && a[0].match(b[0], Math.min(a[1], b[1]));
}

function readAny(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | null {
  const cidr = text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  return ipaddr.isValidCIDR(cidr) ? ipaddr.parseCIDR(cidr) : null;
}

function ipv4({ subnet }: Addressed): Family {
  return {
    ...{ name: 'ip', flags: [], type: 'ipv4_addr', suffix: '', bits: 32, any: '0.0.0.0', words: '' },
    loopback: '127.0.0.1',
    // As Calico has it.
    ...{ hop: '169.254.1.1', subnet, unreachable: 'icmp type host-unreachable', discovery: null, adverts: null },
    subnetOf: (zone) => zone.subnet,
    addressOf: (address) => address,
    linkLocal: () => [],
  };
}

/** Zones are the /80 with their letter, which is a digit of IPv6's. */
function ipv6(network: Addressed, prefix: string): Family {
  const head = ipaddr.IPv6.parseCIDR(prefix)[0].parts.slice(0, 4);
  const at = (zone: Zone, own: readonly number[]) =>
    textOf([...head, hex(zone.name ?? '0'), ...[0, 0, 0, ...own].slice(-3)]);
  return {
    ...{ name: 'ip6', flags: ['-6'], type: 'ipv6_addr', suffix: '_6', bits: 128, any: '*', words: ' nodad' },
    loopback: '::1',
    ...{ hop: 'fe80::1', subnet: prefix, unreachable: 'icmpv6 type addr-unreachable' },
    discovery: 'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert }',
    adverts: 'icmpv6 type nd-router-advert',
    subnetOf: (zone) => (zone.name === null ? prefix : `${at(zone, [])}/80`),
    addressOf: (address) => at(zoneOf(network, { address }), ownPart(network, address)),
    linkLocal: (address) => [
      `${textOf([0xfe80, ...[0, 0, 0, 0, 0, 0, 0, ...ownPart(network, address)].slice(-7)])}/64`,
    ],
  };
}

/** What of an IPv4 address is not the network's, by the byte; with the same digits: 10.200.0.15 is `…::15`. */
function ownPart({ subnet }: Addressed, address: string): readonly number[] {
  const length = Number(subnet.split('/')[1] ?? 24);
  return address
    .split('.')
    .slice(Math.min(3, Math.floor(length / 8)))
    .map(hex);
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}

function textOf(parts: readonly number[]): string {
  return new ipaddr.IPv6([...parts]).toString();
}
