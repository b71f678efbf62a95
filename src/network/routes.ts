import * as v from 'valibot';
import { isBorrowed, type Cluster, type Host } from '../cluster/cluster.js';
import type { FamilyName } from '../cluster/family.js';
import type { Step } from '../cluster/plan.js';
import type { ClusterLink } from '../cluster/rules.js';
import type { Machine } from '../host/machine.js';
import { insideOf } from './inside-of.js';
import { segmentOf, type Way } from './segment.js';

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
export function networkRoutes(cluster: Pick<Cluster, 'network'>, host: Host): readonly string[] {
  if (hasDefaultRoute(cluster, host)) return [];
  return segmentOf(cluster.network, host)
    .ways.filter(({ family, subnet }) => subnet !== family.subnet)
    .map(({ family, via }) => `route add ${family.subnet} ${via} dev ${insideOf(host)}\n`);
}

/** Who has no default route gets to linked clusters by routes of their own. */
export function routeLines(cluster: Pick<Cluster, 'network'>, host: Host, links: readonly ClusterLink[]) {
  if (hasDefaultRoute(cluster, host)) return [];
  const { ways } = segmentOf(cluster.network, host);
  return ways.flatMap((way) => wayLines(way, host, subnetsIn(links, way.family.name)));
}

function wayLines({ via }: Way, host: Host, subnets: readonly string[]): readonly string[] {
  return subnets.map((subnet) => `route replace ${subnet} ${via} dev ${insideOf(host)} proto ${PROTOCOL}\n`);
}

/** What of linked clusters a family of addresses reaches. */
function subnetsIn(links: readonly ClusterLink[], family: FamilyName): readonly string[] {
  return links.flatMap(({ subnet, ipv6 }) => (family === 'ip' ? subnet : (ipv6 ?? [])));
}

const ROUTE = v.object({ dst: v.string() });

/** What it takes until a host has the routes that it is to have, and no other of ours; null when that is so. */
export async function routesStep(
  machine: Machine,
  cluster: Pick<Cluster, 'network'>,
  host: Host,
  links: readonly ClusterLink[],
): Promise<Step | null> {
  const { ways } = segmentOf(cluster.network, host);
  const changes = await Promise.all(
    ways.map(async (way) => {
      const there = await routesThere(machine, way, host);
      // Who is leaving has no namespace any more.
      if (there === null) return [];
      const wanted = hasDefaultRoute(cluster, host) ? [] : subnetsIn(links, way.family.name);
      const lost = there.filter((subnet) => !wanted.includes(subnet));
      const missing = wanted.filter((subnet) => !there.includes(subnet));
      return [...lost.map((subnet) => `route del ${subnet} proto ${PROTOCOL}\n`), ...wayLines(way, host, missing)];
    }),
  );
  const lines = changes.flat();
  if (lines.length === 0) return null;
  const act = { do: 'run', argv: ['ip', '-n', host.namespace, '-batch', '-'], input: lines.join('') } as const;
  return { step: `give ${host.name} its routes to linked clusters`, acts: [act] };
}

/** Where routes of ours lead, by a family of addresses; null without its namespace. */
async function routesThere(machine: Machine, { family }: Way, host: Host): Promise<readonly string[] | null> {
  const argv = ['ip', ...family.flags, '-n', host.namespace, '-json', 'route', 'show', 'proto', String(PROTOCOL)];
  const { stdout, exitCode } = await machine.run(argv, { allowFailure: true });
  if (exitCode !== 0) return null;
  return v.parse(v.array(ROUTE), JSON.parse(stdout.trim() || '[]')).map(({ dst }) => dst);
}
