import { hostsOf, type Cluster, type Host } from '../cluster/cluster.js';
import type { Act, Step } from '../cluster/plan.js';
import { markOf } from '../cluster/resource.js';

/** What of a cluster's bridge, namespaces and veth pairs is there. */
export interface LinksPresent {
  readonly bridge: boolean;
  /** Names, as `ip netns` knows them. */
  readonly namespaces: ReadonlySet<string>;
  /** Machine-side ends of veth pairs, by name: whether they are on the bridge. */
  readonly plugged: ReadonlyMap<string, boolean>;
}

/** What the interface of a host is called in its namespace. */
export const INSIDE = 'eth0';

export const NO_LINKS: LinksPresent = { bridge: false, namespaces: new Set(), plugged: new Map() };

/** Whether a host has to be given its veth pair, and with it its address. */
export function isUnlinked({ namespace, link }: Host, present: LinksPresent): boolean {
  return !present.namespaces.has(namespace) || !present.plugged.has(link);
}

/**
 * One `ip -batch` makes what is missing of the bridge, the namespaces and the veth pairs. IPv6 stays off: nothing here
 * needs it.
 */
export function linksStep(cluster: Cluster, present: LinksPresent = NO_LINKS): Step {
  const { bridge, linkGroup } = cluster.network;
  const hosts = hostsOf(cluster);
  const lines = [
    ...(present.bridge ? [] : bridgeLines(cluster)),
    ...hosts.flatMap((host) => hostLines(cluster, host, present)),
  ];
  return {
    step: `make bridge ${bridge} and ${hosts.length} namespaces`,
    makes: [
      { kind: 'links', group: linkGroup },
      ...hosts.map(({ namespace }) => ({ kind: 'netns' as const, name: namespace })),
    ],
    acts: lines.length === 0 ? [] : [{ do: 'run', argv: ['ip', '-batch', '-'], input: lines.join('') }],
  };
}

function bridgeLines({ id, name, network }: Cluster): readonly string[] {
  const { bridge, linkGroup, gateway, subnet } = network;
  return [
    `link add ${bridge} group ${linkGroup} address ${bridgeMac(id)} type bridge\n`,
    `link set ${bridge} alias "${markOf(id)} ${name}" addrgenmode none up\n`,
    `address add ${gateway}/${prefixOf(subnet)} dev ${bridge}\n`,
  ];
}

/** An end whose namespace lost its name leads to nobody who could be found again: it goes. */
function hostLines({ id, name, network }: Cluster, host: Host, present: LinksPresent): readonly string[] {
  const { namespace, link, mac } = host;
  const hasNamespace = present.namespaces.has(namespace);
  const pair = [
    ...(present.plugged.has(link) ? [`link delete ${link}\n`] : []),
    ...(hasNamespace ? [] : [`netns add ${namespace}\n`]),
    `link add ${link} group ${network.linkGroup} type veth peer name ${INSIDE} address ${mac} netns ${namespace}\n`,
  ];
  const plug = `link set ${link} master ${network.bridge} alias "${markOf(id)} ${name}/${host.name}" addrgenmode none up\n`;
  if (isUnlinked(host, present)) return [...pair, plug];
  return present.bridge && present.plugged.get(link) === true ? [] : [plug];
}

/** The inside of a host's namespace: lo, eth0 with its address, and the bridge as default route when there is NAT. */
export function insideStep(cluster: Cluster, host: Host): Step {
  const { network } = cluster;
  const hosts = hostsOf(cluster);
  const lines = [
    'link set lo up\n',
    `address add ${host.address}/${prefixOf(network.subnet)} dev ${INSIDE}\n`,
    `link set ${INSIDE} addrgenmode none up\n`,
    ...(network.uplinks.length === 0 ? [] : [`route add default via ${network.gateway}\n`]),
    ...(hosts.length > MOST_BY_ARP ? neighbourLines(hosts, host) : []),
  ];
  const act: Act = { do: 'run', argv: ['ip', '-n', host.namespace, '-batch', '-'], input: lines.join('') };
  return { step: `give ${host.name} its address ${host.address}`, acts: [act] };
}

/**
 * All namespaces of a machine share one ARP table, of 512 entries before the kernel throws away what is in use and 1024 at
 * most (gc_thresh2 and 3); n nodes that all talk to each other take n² of them. Permanent entries are not counted.
 */
const MOST_BY_ARP = 16;

function neighbourLines(hosts: readonly Host[], self: Host): readonly string[] {
  return hosts
    .filter((host) => host !== self)
    .map(({ address, mac }) => `neighbour add ${address} lladdr ${mac} dev ${INSIDE} nud permanent\n`);
}

/** The bridge keeps one MAC, whichever ports come and go. */
function bridgeMac(clusterId: string): string {
  return ['02', 'db', ...(clusterId.match(/../g) ?? []).slice(0, 4)].join(':');
}

function prefixOf(subnet: string): string {
  return subnet.split('/')[1] ?? '24';
}
