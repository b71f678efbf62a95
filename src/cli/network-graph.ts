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
  const bridge = `${id}bridge`;
  const uplinks = network.uplinks.map((name, at) => ({ id: `${id}up${at}`, name }));
  const nodes = network.endpoints.map((endpoint, at) => ({ id: `${id}e${at}`, endpoint }));
  return {
    title: `${cluster} ${network.subnet}`,
    vertices: [
      ...uplinks.map((up) => ({ id: up.id, lines: ['outside', up.name], gone: false })),
      { id: bridge, lines: [network.bridge, network.gateway], gone: network.interface === null },
      ...nodes.map(({ id: node, endpoint }) => ({
        ...{ id: node, lines: [endpoint.node, endpoint.address], gone: endpoint.inside === null },
      })),
    ],
    edges: [
      ...uplinks.map((up) => ({ from: up.id, to: bridge, label: 'NAT', cut: network.interface === null })),
      ...nodes.map(({ id: node, endpoint }) => ({
        ...{ from: bridge, to: node, label: endpoint.outside?.name ?? 'missing', cut: isCut(endpoint) },
      })),
    ],
  };
}

function isCut({ inside, outside }: Endpoint): boolean {
  return inside?.carrier !== true || outside?.port !== 'forwarding';
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
