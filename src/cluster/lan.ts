import { UsageError } from '../errors/errors.js';
import { addressAt, readCidr, type Subnet } from './subnet.js';

/**
 * What joins hosts to a LAN: a bridge of somebody else, of the kernel's or of Open vSwitch, or the cluster's own with an interface of
 * the machine in it.
 */
export const LAN_KINDS = ['bridge', 'interface', 'openvswitch'] as const;
export type LanKind = (typeof LAN_KINDS)[number];

interface Traits {
  /** The bridge is the cluster's to make, and to take away. */
  readonly makesBridge: boolean;
  /** Packets pass nft where they come in by a port. */
  readonly meetsFirewall: boolean;
}

const TRAITS: Readonly<Record<LanKind, Traits>> = {
  bridge: { makesBridge: false, meetsFirewall: true },
  interface: { makesBridge: true, meetsFirewall: true },
  openvswitch: { makesBridge: false, meetsFirewall: false },
};

/** What is so of a network because of the LAN that it is a part of; of one of its own all is the cluster's. */
export function traitsOf({ lan }: { readonly lan: Pick<Lan, 'kind'> | null }): Traits {
  return lan === null ? { makesBridge: true, meetsFirewall: true } : TRAITS[lan.kind];
}

/** The LAN that a cluster's hosts are in themselves. */
export interface Lan {
  /** The bridge or the interface of the machine that was named. */
  readonly to: string;
  readonly kind: LanKind;
  /** Addresses that hosts get in turn; null where each is chosen. */
  readonly range: AddressRange | null;
  /**
   * A process passes packets on (the userspace datapath of Open vSwitch) and not the kernel: each must have its checksum when it
   * leaves a host.
   */
  readonly userspace: boolean;
  /** The LAN's DHCP server gives nodes their addresses. */
  readonly dhcp: boolean;
}

/** Addresses of IPv4, both ends included. */
export interface AddressRange {
  readonly first: string;
  readonly last: string;
}

/** Interface names have 1 to 15 characters, no blank and no slash (dev_valid_name in net/core/dev.c); one with a dash is an option. */
const INTERFACE_NAME = /^(?!-|\.\.?$)[^\s/:]{1,15}$/;

/** @throws UsageError for what can't be the name of an interface. */
export function assertInterfaceName(flag: string, name: string): void {
  if (!INTERFACE_NAME.test(name)) throw new UsageError(`${flag} '${name.slice(0, 40)}' is no name of an interface.`);
}

/** `192.168.7.50-192.168.7.69`. @throws UsageError. */
export function parseRange(text: string): AddressRange {
  const [first, last, ...more] = text.split('-').map((part) => part.trim());
  const [low, high] = [addressIn(first), addressIn(last)];
  if (low === null || high === null || more.length > 0)
    throw new UsageError(`--ip ${text}: write a range of a LAN like 192.168.7.50-192.168.7.69.`);
  if (low.base > high.base) throw new UsageError(`--ip ${text}: the first address is behind the last.`);
  return { first: addressAt(low, 0), last: addressAt(high, 0) };
}

/** Null for what is no single address. */
function addressIn(text: string | undefined): Subnet | null {
  const read = text === undefined || text.includes('/') ? null : readCidr(text);
  return read === null || addressAt(read, 0) !== text ? null : read;
}
