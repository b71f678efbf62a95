import { randomBytes } from 'node:crypto';
import type { Cluster, Seat } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
import { askDhcp, DHCP_CLIENT, isByDhcp, requireDhcpClient, type Given } from '../network/lan/dhcp.js';
import { namespacesWith } from '../process/find.js';
import type { Limited } from './context.js';

/** Seats whose MACs are known, and what the DHCP server gave to each. */
export interface SeatsByDhcp {
  readonly seats: readonly Seat[];
  readonly addresses: Readonly<Record<string, string>>;
  /** The router and the subnet are the same for all. */
  readonly first: Given;
}

/**
 * Asks a LAN's DHCP server for an address for each node that comes.
 * @param link what leads into the LAN
 * @throws NotReadyError when none gives any.
 */
export async function seatByDhcp(
  wanted: readonly Seat[],
  cluster: string,
  link: string,
  { machine, deadline, signal, observer }: Limited,
): Promise<SeatsByDhcp> {
  requireDhcpClient(machine);
  const title = `ask the LAN of ${link} for ${wanted.length} addresses by DHCP`;
  observer.phaseStarted?.(title);
  const seats = wanted.map((seat) => ({ ...seat, mac: ownMac() }));
  const given = await Promise.all(
    seats.map(({ name, mac }) => askDhcp(machine, link, { name: `${cluster}-${name}`, mac, deadline, signal })),
  );
  observer.phaseDone?.(title);
  const [first] = given;
  if (first === undefined) throw new Error('nobody to ask for');
  const addresses = Object.fromEntries(seats.map(({ name }, at) => [name, given[at]?.address ?? '']));
  return { seats, addresses, first };
}

/** Names of nodes that have their addresses by DHCP, and no client that renews them: somebody ended it. */
export function unrenewed(machine: Machine, cluster: Cluster): ReadonlySet<string> {
  const asking = cluster.nodes.filter((node) => isByDhcp(cluster, node));
  if (asking.length === 0) return new Set();
  const renewing = namespacesWith(
    machine,
    asking.map(({ namespace }) => namespace),
    DHCP_CLIENT,
  );
  return new Set(asking.flatMap(({ name, namespace }) => (renewing.has(namespace) ? [] : [name])));
}

/** Locally administered; nobody else's of dbns begins so. */
function ownMac(): string {
  return ['02', 'dc', ...(randomBytes(4).toString('hex').match(/../g) ?? [])].join(':');
}
