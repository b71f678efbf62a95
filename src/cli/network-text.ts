import type { ClusterNetworks, Endpoint, NetworkReport } from '../lifecycle/network/view.js';
import { colour } from './colour.js';
import { brokenLines, table } from './table.js';

/** The network of a cluster for people: where its endpoints are, what went through them, and its rules. */
export function networkText({ cluster, networks, broken }: ClusterNetworks): string {
  if (broken !== undefined) return `${colour.bold(cluster)}  ${colour.red('broken')}\n${brokenLines(broken)}`;
  return networks.map((network) => reportText(cluster, network)).join('\n\n');
}

function reportText(cluster: string, network: NetworkReport): string {
  const { subnet, ipv6, mtu, uplinks, endpoints, rules, amiss } = network;
  const subnets = ipv6 === null ? subnet : `${subnet}  ${ipv6}`;
  const out =
    network.lan === null
      ? outText(uplinks)
      : `in the LAN of ${network.lan.to}${network.lan.dhcp ? ', addresses by DHCP' : ''}`;
  const zoned = network.zones.length > 0;
  const alarms = [...amiss, ...endpoints.flatMap((each) => each.amiss.map((text) => `${each.node}: ${text}`))];
  return [
    `${colour.bold(cluster)}  ${subnets}  ${gatewayText(network)}MTU ${mtu}  ${out}`,
    ...network.zones.map((zone) => `zone ${zone.name}  ${zone.subnet}  ${gatewayText(zone)}`.trimEnd()),
    table(
      [
        'node',
        ...(zoned ? ['zone'] : []),
        'address',
        ...(ipv6 === null ? [] : ['ipv6']),
        'mac',
        'inside',
        'link',
        'port',
        'carrier',
      ],
      endpoints.map((endpoint) => placeRow(endpoint, zoned)),
    ),
    ...alarms.map((text) => colour.red(text)),
    '',
    table(['node', 'received', 'packets', 'dropped', 'sent', 'packets', 'dropped'], endpoints.map(trafficRow)),
    '',
    ...rules.tables.map(
      ({ table, state }) => `nft table ${table}: ${state === 'in force' ? state : colour.red(state)}`,
    ),
    ...rules.sentences.map((sentence) => `  ${sentence}`),
  ].join('\n');
}

function outText(uplinks: readonly string[]): string {
  return uplinks.length === 0 ? 'no way out' : `out by ${uplinks.join(', ')}`;
}

/** Zones have one each, and a LAN may have none. */
function gatewayText({ gateway, bridge }: Pick<NetworkReport, 'gateway' | 'bridge'>): string {
  if (gateway === null) return bridge === null ? '' : `on ${bridge}  `;
  return `gateway ${gateway} on ${bridge ?? 'each link'}  `;
}

function placeRow(endpoint: Endpoint, zoned: boolean): readonly string[] {
  const { node, zone, address, ipv6, mac, inside, outside } = endpoint;
  return [
    ...[node, ...(zoned ? [zone ?? ''] : []), address, ...(ipv6 === null ? [] : [ipv6]), mac],
    inside?.name ?? colour.red('missing'),
    outside?.name ?? colour.red('missing'),
    portOf(endpoint),
    inside === null ? colour.dim('-') : inside.carrier ? 'yes' : colour.red('no'),
  ];
}

/** One that is on no bridge, as is right, has none. */
function portOf({ outside, joined }: Endpoint): string {
  if (outside === null) return colour.dim('-');
  const port = outside.port ?? (joined ? 'routed' : 'unplugged');
  return port === 'forwarding' || port === 'routed' ? port : colour.red(port);
}

function trafficRow({ node, inside }: Endpoint): readonly string[] {
  const ways = inside === null ? [null, null] : [inside.received, inside.sent];
  return [
    node,
    ...ways.flatMap((way) =>
      way === null ? ['-', '-', '-'] : [bytesText(way.bytes), String(way.packets), String(way.dropped)],
    ),
  ];
}

/** Traffic is told to the byte where that is little: `144 B`, `12.3 kB`, `4.5 MB`. */
function bytesText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${step === 0 ? bytes : (bytes / 1024 ** step).toFixed(1)} ${units[step] ?? ''}`;
}
