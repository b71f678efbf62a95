import type { ClusterNetworks, Endpoint, NetworkReport } from '../lifecycle/network/view.js';

export const GRAPHS = ['mermaid', 'dot'] as const;
export type Graph = (typeof GRAPHS)[number];

/** A thing in the drawing, and what it hangs on. */
interface Vertex {
  readonly id: string;
  readonly lines: readonly string[];
  readonly gone: boolean;
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  /** Nothing goes over it now. */
  readonly cut: boolean;
}

interface Drawing {
  readonly title: string;
  readonly vertices: readonly Vertex[];
  readonly edges: readonly Edge[];
}

/** The networks of clusters as a drawing; what is gone or cut off is dashed. */
export function networkGraph(clusters: readonly ClusterNetworks[], graph: Graph): string {
  const drawings = clusters.flatMap(({ cluster, networks }, at) =>
    networks.map((network, index) => drawingOf(cluster, network, `c${at}n${index}`)),
  );
  return graph === 'dot' ? dot(drawings) : mermaid(drawings);
}

function drawingOf(cluster: string, network: NetworkReport, id: string): Drawing {
  const hubs = hubsOf(network, id);
  const machine = { id: `${id}machine`, lines: ['the machine', 'routes'], gone: false };
  // With one bridge it is where everything meets.
  const [first = machine] = hubs;
  const middle = network.bridge === null ? machine : first;
  const ways = network.lan === null ? network.uplinks : [network.lan.to];
  const label = network.lan === null ? 'NAT' : 'LAN';
  const uplinks = ways.map((name, at) => ({ id: `${id}up${at}`, name }));
  const nodes = network.endpoints.map((endpoint, at) => ({ id: `${id}e${at}`, endpoint }));
  const hubOf = (zone: string | null) => hubs.find((hub) => hub.zone === zone) ?? middle;
  return {
    title: [cluster, network.subnet, network.ipv6 ?? []].flat().join(' '),
    vertices: [
      ...uplinks.map((up) => ({ id: up.id, lines: ['outside', up.name], gone: false })),
      ...(middle === machine ? [machine] : []),
      ...hubs,
      ...nodes.map(({ id: node, endpoint }) => ({
        ...{
          id: node,
          lines: [endpoint.node, endpoint.address, endpoint.ipv6 ?? []].flat(),
          gone: endpoint.inside === null,
        },
      })),
    ],
    edges: [
      ...uplinks.map((up) => ({ from: up.id, to: middle.id, label, cut: middle.gone })),
      ...hubs
        .filter((hub) => hub !== middle)
        .map((hub) => ({ from: machine.id, to: hub.id, label: hub.label, cut: hub.gone })),
      ...nodes.map(({ id: node, endpoint }) => ({
        ...{
          from: hubOf(endpoint.zone).id,
          to: node,
          label: endpoint.outside?.name ?? 'missing',
          cut: isCut(endpoint),
        },
      })),
    ],
  };
}

/** What nodes hang on besides the machine: a bridge, or the zones. */
interface Hub extends Vertex {
  readonly zone: string | null;
  readonly label: string;
}

function hubsOf({ bridge, gateway, interface: found, zones }: NetworkReport, id: string): readonly Hub[] {
  if (bridge !== null)
    return [
      {
        ...{ id: `${id}bridge`, lines: [bridge, gateway ?? []].flat(), gone: found === null },
        ...{ zone: null, label: gateway ?? '' },
      },
    ];
  return zones.map((zone) => ({
    id: `${id}zone${zone.name}`,
    lines: [`zone ${zone.name}`, zone.bridge ?? zone.subnet],
    gone: zone.bridge !== null && zone.interface === null,
    ...{ zone: zone.name, label: zone.gateway },
  }));
}

function isCut({ inside, joined }: Endpoint): boolean {
  return inside?.carrier !== true || !joined;
}

function mermaid(drawings: readonly Drawing[]): string {
  const text = (words: string) => words.replaceAll('"', '#quot;');
  const vertex = ({ id, lines, gone }: Vertex) =>
    `    ${id}["${text(lines.join('<br>'))}"]${gone ? '\n    style ' + id + ' stroke-dasharray: 4' : ''}`;
  const edge = ({ from, to, label, cut }: Edge) => `    ${from} ${cut ? '-.-' : '---'}|"${text(label)}"| ${to}`;
  const blocks = drawings.map(({ title, vertices, edges }, at) =>
    [`  subgraph g${at}["${text(title)}"]`, ...vertices.map(vertex), ...edges.map(edge), '  end'].join('\n'),
  );
  return ['flowchart LR', ...blocks].join('\n');
}

function dot(drawings: readonly Drawing[]): string {
  const text = (words: string) => words.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  const vertex = ({ id, lines, gone }: Vertex) =>
    `    ${id} [label="${lines.map(text).join('\\n')}"${gone ? ', style=dashed' : ''}];`;
  const edge = ({ from, to, label, cut }: Edge) =>
    `    ${from} -- ${to} [label="${text(label)}"${cut ? ', style=dashed' : ''}];`;
  const blocks = drawings.map(({ title, vertices, edges }, at) =>
    [
      `  subgraph cluster_${at} {`,
      `    label="${text(title)}";`,
      ...[...vertices.map(vertex), ...edges.map(edge)],
      '  }',
    ].join('\n'),
  );
  return ['graph dbns {', '  rankdir=LR;', '  node [shape=box];', ...blocks, '}'].join('\n');
}
