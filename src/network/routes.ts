import * as v from 'valibot';
import { isBorrowed, type Cluster, type Host } from '../cluster/cluster.js';
import type { Step } from '../cluster/plan.js';
import type { ClusterLink } from '../cluster/rules.js';
import type { Machine } from '../host/machine.js';
import { insideOf } from './inside-of.js';
import { segmentOf } from './segment.js';

/** Written on each of our routes into another cluster's subnet, so that it is known again (rtnetlink(7), rtm_protocol). */
const PROTOCOL = 219;

/** Whether a host leaves its subnet by the gateway, wherever it goes. */
export function hasDefaultRoute({ network }: Pick<Cluster, 'network'>, host: Host): boolean {
  return leadsOut(network) && !isBorrowed(host);
}

/** Whether a host gets out of its network at all: by NAT, or as everybody in its LAN does. */
export function leadsOut({ lan, uplinks, zones }: Cluster['network']): boolean {
  return lan === null ? uplinks.length > 0 : zones.some(({ gateway }) => gateway !== null);
}

/** The interfaces by which NAT is to lead out, of those that the machine has. */
export function wantedUplinks(
  { internal, lan }: Pick<Cluster['network'], 'internal' | 'lan'>,
  uplinks: readonly string[],
) {
  return internal || lan !== null ? [] : uplinks;
}

/** Who has no default route gets to other segments of its own network by a route, where there are any. */
export function networkRoute(cluster: Pick<Cluster, 'network'>, host: Host): readonly string[] {
  const { network } = cluster;
  const { subnet, via } = segmentOf(network, host);
  return hasDefaultRoute(cluster, host) || subnet === network.subnet
    ? []
    : [`route add ${network.subnet} ${via} dev ${insideOf(host)}\n`];
}

/** Who has no default route gets to linked clusters by routes of their own. */
export function routeLines(cluster: Pick<Cluster, 'network'>, host: Host, links: readonly ClusterLink[]) {
  if (hasDefaultRoute(cluster, host)) return [];
  const { via } = segmentOf(cluster.network, host);
  return links.map(({ subnet }) => `route replace ${subnet} ${via} dev ${insideOf(host)} proto ${PROTOCOL}\n`);
}

const ROUTE = v.object({ dst: v.string() });

/** What it takes until a host has the routes that it is to have, and no other of ours; null when that is so. */
export async function routesStep(
  machine: Machine,
  cluster: Pick<Cluster, 'network'>,
  host: Host,
  links: readonly ClusterLink[],
): Promise<Step | null> {
  const argv = ['ip', '-n', host.namespace];
  const { stdout, exitCode } = await machine.run([...argv, '-json', 'route', 'show', 'proto', String(PROTOCOL)], {
    allowFailure: true,
  });
  // Who is leaving has no namespace any more.
  if (exitCode !== 0) return null;
  const there = v.parse(v.array(ROUTE), JSON.parse(stdout.trim() || '[]'));
  const wanted = new Set(links.map(({ subnet }) => subnet));
  const lines = [
    ...there.filter(({ dst }) => !wanted.has(dst)).map(({ dst }) => `route del ${dst} proto ${PROTOCOL}\n`),
    ...routeLines(
      cluster,
      host,
      links.filter(({ subnet }) => !there.some(({ dst }) => dst === subnet)),
    ),
  ];
  if (lines.length === 0) return null;
  const act = { do: 'run', argv: [...argv, '-batch', '-'], input: lines.join('') } as const;
  return { step: `give ${host.name} its routes to linked clusters`, acts: [act] };
}
