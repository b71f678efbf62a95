import { hostsOf, type Host, type Network } from '../cluster/cluster.js';
import { familiesOf } from '../cluster/family.js';
import { zoneOf } from '../cluster/zone.js';
import type { Machine } from '../host/machine.js';
import { forwards } from './forwarding.js';
import type { Ruled } from './rule.js';

/**
 * The interfaces by which packets of a cluster's hosts come to the machine, as nft matches them: the name of each begins with
 * the stem, be it a bridge, one of several, or a link that is on none.
 */
export function insides({ stem }: Pick<Network, 'stem'>): string {
  return `"${stem}*"`;
}

/** Their names, with these hosts. */
export function insideNames(network: Pick<Network, 'zones'>, hosts: readonly Host[]): readonly string[] {
  const bridges = network.zones.flatMap(({ bridge }) => bridge ?? []);
  const links = hosts.flatMap((host) => (zoneOf(network, host).bridge === null ? [host.link] : []));
  return [...bridges, ...links];
}

/** Those that are there; without any of them the network does not stand. */
export function insidesThere(machine: Machine, cluster: Ruled): readonly string[] {
  return insideNames(cluster.network, hostsOf(cluster)).filter((name) => forwards(machine, name) !== null);
}

/**
 * How nft knows what the machine sends to a cluster's hosts: by where it leaves; in a LAN, where others are too, by who is to have
 * it, of each family.
 */
export function towards({ network, nodes }: Pick<Ruled, 'network' | 'nodes'>): readonly string[] {
  if (network.lan === null) return [`oifname ${insides(network)}`];
  return familiesOf(network).map(
    ({ name, addressOf }) => `${name} daddr { ${nodes.map(({ address }) => addressOf(address)).join(', ')} }`,
  );
}

/** Those of them whose switches are the cluster's to set: a LAN's are not. */
export function ownInsides({ lan }: Pick<Network, 'lan'>, names: readonly string[]): readonly string[] {
  return lan === null ? names : [];
}

/** Whether what hosts send to each other is forwarded by the machine, and not by one bridge alone. */
export function isJoinedByRouting({ zones }: Pick<Network, 'zones'>): boolean {
  return zones.length > 1 || zones.some(({ bridge }) => bridge === null);
}
