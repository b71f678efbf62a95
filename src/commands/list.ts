import { BaseCommand } from '../cli/base-command.js';
import { brokenLines, table } from '../cli/table.js';
import { listClusters } from '../lifecycle/life/list.js';
import type { ClusterView } from '../lifecycle/view.js';

export default class List extends BaseCommand {
  static override summary = 'list the clusters, without root and without asking their servers';
  static override aliases = ['ls'];
  static override examples = ['<%= config.bin %> list', '<%= config.bin %> list --json | jq -r .clusters[].name'];

  async run(): Promise<{ clusters: readonly ClusterView[] }> {
    await this.parse(List);
    const clusters = await listClusters(this.machine);
    this.log(clusters.length === 0 ? 'There is no cluster. Make one: dbns pxc create' : textOf(clusters));
    return { clusters };
  }
}

const HEAD = ['cluster', 'topology', 'state', 'nodes', 'image', 'subnet', 'created'];

/** What is wrong with broken ones stands below. */
function textOf(clusters: readonly ClusterView[]): string {
  const amiss = clusters.flatMap(({ name, broken }) =>
    broken === undefined ? [] : [`\n${name} is broken:`, brokenLines(broken)],
  );
  return [table(HEAD, clusters.map(rowOf)), ...amiss].join('\n');
}

function rowOf({ name, topology, state, nodes, networks, createdAt }: ClusterView): readonly string[] {
  const images = [...new Set(nodes.map(({ image }) => image))].join(', ');
  return [
    name,
    topology,
    state,
    String(nodes.length),
    images,
    networks.map(({ subnet }) => subnet).join(', '),
    createdAt,
  ];
}
