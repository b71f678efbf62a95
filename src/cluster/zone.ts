import { overlap, readCidr } from './subnet.js';

/**
 * A part of a cluster's network; one that is not divided has a single one without a name. Which zone a host is in is said by
 * its address.
 */
export interface Zone {
  /** `a` to `d`; null where nobody asked for zones. */
  readonly name: string | null;
  /** CIDR: the whole network, a half or a quarter of it. */
  readonly subnet: string;
  /** The machine's own address in it; in a LAN that of whoever leads out of it, null where nobody does. */
  readonly gateway: string | null;
  /**
   * That of its hosts: the cluster's own, or in a LAN perhaps somebody else's. Null where each has a link of its own to the machine,
   * and the machine routes.
   */
  readonly bridge: string | null;
}

/** What of a network says where its hosts are. */
export interface Zoned {
  readonly zones: readonly Zone[];
}

/** By these names zones are known, in their order. */
export const ZONE_NAMES = ['a', 'b', 'c', 'd'] as const;

/** The zone that an address lies in. */
export function zoneOf({ zones }: Zoned, { address }: { readonly address: string }): Zone {
  const zone = zones.find(({ subnet }) => lies(address, subnet)) ?? zones[0];
  if (zone === undefined) throw new Error('a network without zones');
  return zone;
}

/** Whether an address is one of a subnet's. */
export function lies(address: string, subnet: string): boolean {
  const [inner, outer] = [readCidr(address), readCidr(subnet)];
  return inner !== null && outer !== null && overlap(inner, outer);
}

/** The names of the zones; none where nobody asked for any. */
export function zoneNames({ zones }: Zoned): readonly string[] {
  return zones.flatMap(({ name }) => name ?? []);
}

/** How a network's hosts are joined: by bridges, or by the machine's routing alone. */
export const LAYOUTS = ['bridge', 'routed'] as const;
export type Layout = (typeof LAYOUTS)[number];

export function layoutOf({ zones }: Zoned): Layout {
  return zones.every(({ bridge }) => bridge === null) ? 'routed' : 'bridge';
}
