import type { Host, Network } from '../../cluster/cluster.js';
import type { Interface, InterfacesPresent } from '../../network/interfaces.js';
import { insideOf } from '../../network/links.js';
import type { Endpoint } from './view.js';

/** A node's place on the network, beside what is there of it. Pure. */
export function endpointOf(network: Network, node: Host, present: InterfacesPresent): Endpoint {
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
        ];
  return { node: name, namespace, address, mac, inside, outside, amiss };
}

function amissInside({ subnet, mtu }: Network, node: Host, inside: Interface | null): readonly string[] {
  const link = insideOf(node);
  if (inside === null) return [`its namespace has no ${link}`];
  const address = `${node.address}/${subnet.split('/')[1] ?? ''}`;
  return [
    ...(inside.up ? [] : [`${link} is down`]),
    ...(inside.addresses.includes(address) ? [] : [`${link} has not its address ${address}`]),
    ...(inside.mac === node.mac ? [] : [`${link} has not its MAC ${node.mac}`]),
    ...(inside.mtu === mtu ? [] : [`${link} has the MTU ${inside.mtu}, not ${mtu}`]),
  ];
}

function amissOutside({ bridge, mtu }: Network, { link }: Host, outside: Interface | null): readonly string[] {
  if (outside === null) return [`its end ${link} is gone from the machine`];
  if (!outside.up) return [`its end ${link} is down`];
  if (outside.bridge !== bridge) return [`its end ${link} is not plugged into ${bridge}`];
  if (outside.mtu !== mtu) return [`its end ${link} has the MTU ${outside.mtu}, not ${mtu}`];
  return outside.carrier && outside.port !== 'forwarding' ? [`its port on ${bridge} is ${outside.port ?? 'none'}`] : [];
}

function withoutCarrier(link: string, inside: Interface | null): readonly string[] {
  return inside?.up === true && !inside.carrier ? [`${link} has no carrier`] : [];
}
