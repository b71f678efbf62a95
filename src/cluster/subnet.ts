import ipaddr from 'ipaddr.js';
import { UsageError } from '../errors/errors.js';

/** An IPv4 network: its first address as a number, and how many leading bits are the network's. */
export interface Subnet {
  readonly base: number;
  /** 0 to 32. */
  readonly prefix: number;
}

/** The pool of which clusters get a /24 each when the user names no subnet. */
export const DEFAULT_POOL = '10.200.0.0/16';

/** Reads a CIDR as the kernel prints it (`10.0.0.0/8`, or an address alone, or `default`). Null when it is none. */
export function readCidr(text: string): Subnet | null {
  if (text === 'default') return { base: 0, prefix: 0 };
  const cidr = text.includes('/') ? text : `${text}/32`;
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(cidr)) return null;
  const [address, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  return { base: numberOf(address), prefix };
}

/**
 * Reads a subnet that a user gave for `nodes` nodes and a gateway.
 * @throws UsageError when it is no IPv4 network, names an address inside one, is not private, or is too small.
 */
export function parseSubnet(text: string, nodes: number): Subnet {
  const subnet = parsePrivate(text);
  assertRoom(subnet, nodes, text);
  return subnet;
}

/**
 * Reads a pool that a user gave.
 * @throws UsageError when it is no private IPv4 network, or has not room for the /24 of a cluster.
 */
export function parsePool(text: string): Subnet {
  const pool = parsePrivate(text);
  if (pool.prefix <= 24) return pool;
  throw new UsageError(`'${text}' is too small for a pool: clusters get a /24 of it each.`);
}

function parsePrivate(text: string): Subnet {
  const subnet = text.includes('/') ? readCidr(text) : null;
  if (subnet === null) {
    throw new UsageError(`'${text}' is not an IPv4 subnet: write it like 10.50.0.0/24.`);
  }
  const network = subnet.base - (subnet.base % sizeOf(subnet));
  if (network !== subnet.base) {
    throw new UsageError(
      `'${text}' is an address inside a subnet: the subnet is ${formatSubnet({ ...subnet, base: network })}.`,
    );
  }
  if (!isPrivate(subnet)) {
    throw new UsageError(
      `'${text}' is not a private network: take one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.`,
    );
  }
  return subnet;
}

function assertRoom(subnet: Subnet, nodes: number, text: string): void {
  const room = Math.max(0, sizeOf(subnet) - 3);
  if (room < nodes) {
    throw new UsageError(`'${text}' has room for ${room} nodes besides its gateway; ${nodes} are wanted.`);
  }
}

function isPrivate(subnet: Subnet): boolean {
  return ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].some((text) => {
    const pool = readCidr(text);
    return pool !== null && pool.prefix <= subnet.prefix && overlap(pool, subnet);
  });
}

export function overlap(a: Subnet, b: Subnet): boolean {
  const wider = a.prefix <= b.prefix ? a : b;
  const narrower = wider === a ? b : a;
  return narrower.base >= wider.base && narrower.base < wider.base + sizeOf(wider);
}

/** The first /24 of the pool that touches nothing in `taken`; null when there is none. */
export function firstFreeSubnet(taken: readonly Subnet[], pool: string = DEFAULT_POOL): Subnet | null {
  const whole = readCidr(pool);
  if (whole === null) return null;
  const step = 256;
  for (let base = whole.base; base < whole.base + sizeOf(whole); base += step) {
    const candidate = { base, prefix: 24 };
    if (!taken.some((other) => overlap(candidate, other))) return candidate;
  }
  return null;
}

/** Address number `index` of the subnet; 0 is the network itself, 1 the gateway, 2 the first node. */
export function addressAt(subnet: Subnet, index: number): string {
  return addressOf(subnet.base + index);
}

/** The place of an address in its subnet: `addressAt` of it is the address. */
export function placeIn({ base }: Subnet, address: string): number {
  return (readCidr(`${address}/32`)?.base ?? base) - base;
}

export function formatSubnet(subnet: Subnet): string {
  return `${addressOf(subnet.base)}/${subnet.prefix}`;
}

/** A MAC of our own for an address, locally administered: the same after every restart. */
export function macOf(address: string): string {
  const bytes = ipaddr.IPv4.parse(address).toByteArray();
  return ['02', 'db', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

/** The netmask of a prefix: 24 → `255.255.255.0`. */
export function maskOf(prefix: number): string {
  return addressOf(2 ** 32 - sizeOf({ base: 0, prefix }));
}

/** How many addresses it has. */
export function sizeOf(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefix);
}

function addressOf(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

function numberOf(address: ipaddr.IPv4): number {
  return address.toByteArray().reduce((value, byte) => value * 256 + byte, 0);
}
