import type { ClusterNetworks, Endpoint, Interface, NetworkReport } from '../lifecycle/network/view.js';
import { colour } from './colour.js';
import { brokenLines, table } from './table.js';

/** The network of a cluster for people: where its endpoints are, what went through them, and its rules. */
export function networkText({ cluster, networks, broken }: ClusterNetworks): string {
  if (broken !== undefined) return `${colour.bold(cluster)}  ${colour.red('broken')}\n${brokenLines(broken)}`;
  return networks.map((network) => reportText(cluster, network)).join('\n\n');
}

function reportText(cluster: string, network: NetworkReport): string {
  const { subnet, gateway, bridge, mtu, uplinks, endpoints, rules, amiss } = network;
  const out = uplinks.length === 0 ? 'no way out' : `out by ${uplinks.join(', ')}`;
  const alarms = [...amiss, ...endpoints.flatMap((each) => each.amiss.map((text) => `${each.node}: ${text}`))];
  return [
    `${colour.bold(cluster)}  ${subnet}  gateway ${gateway} on ${bridge}  MTU ${mtu}  ${out}`,
    table(['node', 'address', 'mac', 'inside', 'link', 'port', 'carrier'], endpoints.map(placeRow)),
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

function placeRow({ node, address, mac, inside, outside }: Endpoint): readonly string[] {
  return [
    ...[node, address, mac],
    inside?.name ?? colour.red('missing'),
    outside?.name ?? colour.red('missing'),
    portOf(outside),
    inside === null ? colour.dim('-') : inside.carrier ? 'yes' : colour.red('no'),
  ];
}

function portOf(outside: Interface | null): string {
  if (outside === null) return colour.dim('-');
  const port = outside.port ?? 'unplugged';
  return port === 'forwarding' ? port : colour.red(port);
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
