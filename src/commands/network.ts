import * as Flags from '@oclif/core/flags';
import { word } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { GRAPHS, networkGraph } from '../cli/network-graph.js';
import { networkText } from '../cli/network-text.js';
import { UsageError } from '../errors/errors.js';
import { networksOf } from '../lifecycle/network/network.js';
import type { ClusterNetworks } from '../lifecycle/network/view.js';

export default class Network extends BaseCommand {
  static override summary = 'show the network of a cluster: endpoints, traffic, rules';
  static override description = `Each endpoint with its node, MAC, address, the machine's end of its link and the port on the bridge, carrier, and what went each way as the node sees it; and in words the rules that concern the cluster, and whether the kernel has them. All of it is read from the kernel now: what is gone is shown as missing. Without a name, all clusters.`;
  static override examples = [
    '<%= config.bin %> network pxc',
    '<%= config.bin %> network pxc --graph mermaid > network.mmd',
    '<%= config.bin %> network --graph dot | dot -Tsvg > network.svg',
    "<%= config.bin %> network pxc --json | jq '.clusters[0].networks[0].endpoints[] | {node, amiss}'",
  ];
  static override args = { cluster: word('name of the cluster') };
  static override flags = {
    graph: Flags.option({ options: GRAPHS })({ summary: 'print a drawing instead' }),
  };

  async run(): Promise<{ clusters: readonly ClusterNetworks[] }> {
    const { args, flags } = await this.parse(Network);
    if (flags.graph !== undefined && this.jsonEnabled()) throw new UsageError('Either --json or --graph.');
    const clusters = await networksOf(this.machine, args.cluster);
    const { graph } = flags;
    if (graph !== undefined) this.log(networkGraph(clusters, graph));
    else if (clusters.length === 0) this.log('There is no cluster. Make one: dbns pxc create');
    else this.log(clusters.map(networkText).join('\n\n'));
    return { clusters };
  }
}
