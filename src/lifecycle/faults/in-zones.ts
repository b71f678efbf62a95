import { hostsOf, type Cluster } from '../../cluster/cluster.js';
import type { Flow } from '../../cluster/fault.js';
import { zoneNames, zoneOf } from '../../cluster/zone.js';
import { zoneNamed } from '../../network/zones.js';

/** The names of all hosts of a zone: nodes, proxies, what is attached. @throws NotFoundError for a zone that is none. */
export function hostsInZone({ network, ...cluster }: Cluster, name: string): readonly string[] {
  const zone = zoneNamed(network, name);
  return hostsOf(cluster).flatMap((host) => (zoneOf(network, host) === zone ? [host.name] : []));
}

/** Names of hosts, with those of all hosts of a zone where its name stands. */
export function inZones(cluster: Cluster, names: readonly string[]): readonly string[] {
  const zones = zoneNames(cluster.network);
  return names.flatMap((name) => (zones.includes(name) ? hostsInZone(cluster, name) : [name]));
}

/**
 * Both ways between hosts of zones and whoever is no node and on none of these sides: a zone is cut off with its proxies, and
 * from those of others.
 */
export function flowsToStrangers(cluster: Cluster, sides: readonly (readonly string[])[]): readonly Flow[] {
  const named = new Set(sides.flat());
  const strangers = [...cluster.companions, ...cluster.attached].map(({ name }) => name);
  const others = strangers.filter((name) => !named.has(name));
  if (others.length === 0) return [];
  return sides.flatMap((side) => [
    { from: side, to: others },
    { from: others, to: side },
  ]);
}
