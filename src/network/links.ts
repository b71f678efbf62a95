import { hostsOf, isBorrowed, type Cluster, type Host } from '../cluster/cluster.js';
import type { Act, Step } from '../cluster/plan.js';
import { markOf } from '../cluster/resource.js';
import type { ClusterLink } from '../cluster/rules.js';
import { freePortActs, portActs, portResources, sumActs } from './lan/open-vswitch.js';
import { insideOf } from './inside-of.js';
import { hasDefaultRoute, networkRoutes, routeLines } from './routes.js';
import { shareAddresses } from '../cluster/family.js';
import { ownBridge, segmentOf, type OwnBridge, type Way } from './segment.js';

/** What of a cluster's bridges, namespaces and veth pairs is there. */
export interface LinksPresent {
  /** Names. */
  readonly bridges: ReadonlySet<string>;
  /** Names, as `ip netns` knows them. */
  readonly namespaces: ReadonlySet<string>;
  /** Machine-side ends of veth pairs, by name: whether they are joined as they are to be. */
  readonly plugged: ReadonlyMap<string, boolean>;
}

export const NO_LINKS: LinksPresent = { bridges: new Set(), namespaces: new Set(), plugged: new Map() };

/** Whether a host has to be given its veth pair, and with it its address. */
export function isUnlinked({ namespace, link }: Host, present: LinksPresent): boolean {
  return !present.namespaces.has(namespace) || !present.plugged.has(link);
}

/** Nobody can make a namespace anew that was borrowed: without it the host is not there. */
export function standingHosts(
  cluster: Pick<Cluster, 'nodes' | 'companions' | 'attached'>,
  present: Pick<LinksPresent, 'namespaces'>,
): readonly Host[] {
  return hostsOf(cluster).filter((host) => !isBorrowed(host) || present.namespaces.has(host.namespace));
}

/**
 * One `ip -batch` makes what is missing of bridges, the namespaces and the veth pairs. No address makes itself
 * (`addrgenmode none`): without --ipv6 there is none of IPv6.
 */
export function linksStep(
  cluster: Cluster,
  present: LinksPresent = NO_LINKS,
  cut: ReadonlySet<string> = new Set(),
): Step {
  const { network } = cluster;
  const { linkGroup, zones } = network;
  const bridges = zones.flatMap((zone) => ownBridge(network, zone) ?? []);
  const hosts = standingHosts(cluster, present);
  const lines = [
    ...bridges.flatMap((own) => bridgeLines(cluster, own, present)),
    ...hosts.flatMap((host) => hostLines(cluster, host, present, cut.has(host.link))),
  ];
  return {
    step: `make ${bridges.map(({ bridge }) => `bridge ${bridge} and `).join('')}${hosts.length} namespaces`,
    makes: [
      ...portResources(network, hosts),
      { kind: 'links', group: linkGroup },
      ...hosts.map(({ namespace }) => ({ kind: 'netns' as const, name: namespace })),
    ],
    acts: [
      ...freePortActs(
        network,
        hosts.filter((host) => isUnlinked(host, present)),
      ),
      ...(lines.length === 0 ? [] : [{ do: 'run' as const, argv: ['ip', '-batch', '-'], input: lines.join('') }]),
      ...portActs(
        cluster,
        hosts.filter((host) => isUnlinked(host, present) || present.plugged.get(host.link) !== true),
      ),
    ],
  };
}

function bridgeLines(
  { id, name, network }: Cluster,
  { bridge, addresses }: OwnBridge,
  present: LinksPresent,
): readonly string[] {
  const { linkGroup, mtu } = network;
  if (present.bridges.has(bridge)) return [];
  return [
    `link add ${bridge} group ${linkGroup} mtu ${mtu} address ${bridgeMac(id)} type bridge\n`,
    `link set ${bridge} alias "${markOf(id)} ${name}" addrgenmode none up\n`,
    ...addresses,
  ];
}

/** An end whose namespace lost its name leads to nobody who could be found again: it goes. */
function hostLines(
  { id, name, network }: Cluster,
  host: Host,
  present: LinksPresent,
  isCut: boolean,
): readonly string[] {
  const { namespace, link, mac } = host;
  const { linkGroup, mtu } = network;
  const { born, plug, lines } = segmentOf(network, host);
  const hasNamespace = present.namespaces.has(namespace);
  const pair = [
    ...(present.plugged.has(link) ? [`link delete ${link}\n`] : []),
    ...(hasNamespace ? [] : [`netns add ${namespace}\n`]),
    `link add ${link} group ${linkGroup} mtu ${mtu}${born} type veth peer name ${insideOf(host)} address ${mac} mtu ${mtu} netns ${namespace}\n`,
  ];
  const join = [
    `link set ${link}${plug} alias "${markOf(id)} ${name}/${host.name}" addrgenmode none ${isCut ? 'down' : 'up'}\n`,
    ...lines,
  ];
  if (isUnlinked(host, present)) return [...pair, ...join];
  return present.plugged.get(link) === true ? [] : join;
}

/**
 * Takes the carrier from links, and gives it to all others: the machine's end goes down, and the host's address stays. What of
 * addresses that end loses by going down, as it does those of IPv6, it gets again.
 */
export function carrierStep(cluster: Cluster, devices: readonly string[], cut: ReadonlySet<string>): Step {
  const hosts = hostsOf(cluster).filter(({ link }) => devices.includes(link));
  const input = hosts
    .flatMap((host) =>
      cut.has(host.link)
        ? [`link set ${host.link} down\n`]
        : [`link set ${host.link} up\n`, ...segmentOf(cluster.network, host).lines],
    )
    .join('');
  return { step: 'give links their carrier, or none', acts: [{ do: 'run', argv: ['ip', '-batch', '-'], input }] };
}

/**
 * The inside of a host's namespace: lo, its interface with its address, and the machine as default route when there is NAT;
 * of a borrowed one its interface alone.
 */
export function insideStep(cluster: Cluster, host: Host, links: readonly ClusterLink[] = []): Step {
  const { network } = cluster;
  const hosts = hostsOf(cluster);
  const inside = insideOf(host);
  const { ways } = segmentOf(network, host);
  const lines = [
    ...(isBorrowed(host) ? [] : ['link set lo up\n']),
    ...ways.flatMap(({ address, family }) =>
      [address, ...family.linkLocal(host.address)].map((own) => `address add ${own} dev ${inside}${family.words}\n`),
    ),
    `link set ${inside} addrgenmode none up\n`,
    ...ways.flatMap(({ neighbour }) =>
      neighbour === null ? [] : [`neighbour replace ${neighbour} dev ${inside} nud permanent\n`],
    ),
    ...networkRoutes(cluster, host),
    ...(hasDefaultRoute(cluster, host) ? ways.map(({ via }) => `route add default ${via} dev ${inside}\n`) : []),
    ...routeLines(cluster, host, links),
    ...(hosts.length > MOST_BY_ARP ? ways.flatMap((way) => neighbourLines(hosts, host, way)) : []),
  ];
  const act: Act = { do: 'run', argv: ['ip', '-n', host.namespace, '-batch', '-'], input: lines.join('') };
  return { step: `give ${host.name} its address ${host.address}`, acts: [act, ...sumActs(network, host)] };
}

/**
 * All namespaces of a machine share one ARP table, of 512 entries before the kernel throws away what is in use and 1024 at
 * most (gc_thresh2 and 3); n nodes that all talk to each other take n² of them. Permanent entries are not counted.
 */
const MOST_BY_ARP = 16;

function neighbourLines(hosts: readonly Host[], self: Host, { family, subnet }: Way): readonly string[] {
  return hosts
    .filter((host) => host !== self)
    .map(({ address, mac }) => ({ address: family.addressOf(address), mac }))
    .filter(({ address }) => shareAddresses(address, subnet))
    .map(({ address, mac }) => `neighbour add ${address} lladdr ${mac} dev ${insideOf(self)} nud permanent\n`);
}

/** A bridge keeps one MAC, whichever ports come and go. */
function bridgeMac(clusterId: string): string {
  return ['02', 'db', ...(clusterId.match(/../g) ?? []).slice(0, 4)].join(':');
}
