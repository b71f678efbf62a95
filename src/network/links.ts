import type { Cluster, Node } from '../cluster/cluster.js';
import type { Act, Step } from '../cluster/plan.js';
import { markOf } from '../cluster/resource.js';

/** One `ip -batch` makes the bridge, all namespaces and all veth pairs. IPv6 stays off: nothing here needs it. */
export function linksStep(cluster: Cluster): Step {
  return {
    step: `make bridge ${cluster.network.bridge} and ${cluster.nodes.length} namespaces`,
    makes: [
      { kind: 'links', group: cluster.network.linkGroup },
      ...cluster.nodes.map(({ namespace }) => ({ kind: 'netns' as const, name: namespace })),
    ],
    acts: [
      {
        do: 'run',
        argv: ['ip', '-batch', '-'],
        input: [...bridgeLines(cluster), ...cluster.nodes.flatMap((node) => nodeLines(cluster, node))].join(''),
      },
    ],
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

function nodeLines({ id, name, network }: Cluster, node: Node): readonly string[] {
  return [
    `netns add ${node.namespace}\n`,
    `link add ${node.link} group ${network.linkGroup} type veth peer name eth0 address ${node.mac} netns ${node.namespace}\n`,
    `link set ${node.link} master ${network.bridge} alias "${markOf(id)} ${name}/${node.name}" addrgenmode none up\n`,
  ];
}

/** The inside of a node's namespace: lo, eth0 with its address, and the bridge as default route when there is NAT. */
export function insideStep({ network, nodes }: Cluster, node: Node): Step {
  const lines = [
    'link set lo up\n',
    `address add ${node.address}/${prefixOf(network.subnet)} dev eth0\n`,
    'link set eth0 addrgenmode none up\n',
    ...(network.uplinks.length === 0 ? [] : [`route add default via ${network.gateway}\n`]),
    ...(nodes.length > MOST_BY_ARP ? neighbourLines(nodes, node) : []),
  ];
  const act: Act = { do: 'run', argv: ['ip', '-n', node.namespace, '-batch', '-'], input: lines.join('') };
  return { step: `give ${node.name} its address ${node.address}`, acts: [act] };
}

/**
 * All namespaces of a machine share one ARP table, of 512 entries before the kernel throws away what is in use and 1024 at
 * most (gc_thresh2 and 3); n nodes that all talk to each other take n² of them. Permanent entries are not counted.
 */
const MOST_BY_ARP = 16;

function neighbourLines(nodes: readonly Node[], self: Node): readonly string[] {
  return nodes
    .filter((node) => node !== self)
    .map(({ address, mac }) => `neighbour add ${address} lladdr ${mac} dev eth0 nud permanent\n`);
}

/** The bridge keeps one MAC, whichever ports come and go. */
function bridgeMac(clusterId: string): string {
  return ['02', 'db', ...(clusterId.match(/../g) ?? []).slice(0, 4)].join(':');
}

function prefixOf(subnet: string): string {
  return subnet.split('/')[1] ?? '24';
}
