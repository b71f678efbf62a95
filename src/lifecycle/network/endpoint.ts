import type { Host, Network } from '../../cluster/cluster.js';
import { ipv6Of } from '../../cluster/family.js';
import { zoneOf } from '../../cluster/zone.js';
import type { Interface, InterfacesPresent } from '../../network/interfaces.js';
import { insideOf } from '../../network/inside-of.js';
import { segmentOf } from '../../network/segment.js';
import type { Endpoint } from './view.js';

/**
 * A node's place on the network, beside what is there of it. Pure.
 * @param unrenewed names of nodes whose DHCP client is gone
 */
export function endpointOf(
  network: Network,
  node: Host,
  present: InterfacesPresent,
  unrenewed: ReadonlySet<string> = new Set(),
): Endpoint {
  const { name, namespace, address, mac, link } = node;
  const found = present.nodes.get(name) ?? new Map<string, Interface>();
  const inside = typeof found === 'string' ? null : (found.get(insideOf(node)) ?? null);
  const outside = present.machine.get(link) ?? null;
  const amiss =
    typeof found === 'string'
      ? [found]
      : [
          ...amissInside(network, node, inside),
          ...amissOutside(network, node, outside),
          ...withoutCarrier(insideOf(node), inside),
          ...(inside !== null && unrenewed.has(name)
            ? [`no DHCP client renews ${address}: the server may give it to somebody else`]
            : []),
        ];
  const zone = zoneOf(network, node).name;
  const joined = outside?.carrier === true && isJoined(network, node, outside) && isOpen(outside);
  return { node: name, namespace, zone, address, ipv6: ipv6Of(network, node), mac, inside, outside, joined, amiss };
}

function amissInside(network: Network, node: Host, inside: Interface | null): readonly string[] {
  const link = insideOf(node);
  if (inside === null) return [`its namespace has no ${link}`];
  const { mtu } = network;
  const { ways } = segmentOf(network, node);
  return [
    ...(inside.up ? [] : [`${link} is down`]),
    ...ways.flatMap(({ address }) =>
      inside.addresses.includes(address) ? [] : [`${link} has not its address ${address}`],
    ),
    ...(inside.mac === node.mac ? [] : [`${link} has not its MAC ${node.mac}`]),
    ...(inside.mtu === mtu ? [] : [`${link} has the MTU ${inside.mtu}, not ${mtu}`]),
  ];
}

function amissOutside(network: Network, host: Host, outside: Interface | null): readonly string[] {
  const { link } = host;
  const { mtu } = network;
  if (outside === null) return [`its end ${link} is gone from the machine`];
  if (!outside.up) return [`its end ${link} is down`];
  if (!isJoined(network, host, outside)) return [`its end ${link} ${segmentOf(network, host).apart}`];
  if (outside.mtu !== mtu) return [`its end ${link} has the MTU ${outside.mtu}, not ${mtu}`];
  if (!outside.carrier || isOpen(outside)) return [];
  return [`its port on ${outside.bridge ?? ''} is ${outside.port ?? 'none'}`];
}

function isJoined(network: Network, host: Host, { bridge, addresses, peers }: Interface): boolean {
  const own = addresses.map((one) => one.split('/')[0] ?? '');
  return segmentOf(network, host).isJoined({ bridge, addresses: [...own, ...peers] });
}

/** Who is on no bridge has no port to be open. */
function isOpen({ bridge, port }: Interface): boolean {
  return bridge === null || port === 'forwarding';
}

function withoutCarrier(link: string, inside: Interface | null): readonly string[] {
  return inside?.up === true && !inside.carrier ? [`${link} has no carrier`] : [];
}
