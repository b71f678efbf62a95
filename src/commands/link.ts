import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../cli/base-command.js';
import { linkText } from '../cli/links.js';
import { namesIn } from '../cli/values.js';
import { linkClusters, type LinkMade } from '../lifecycle/rules/link.js';

export default class Link extends BaseCommand {
  static override summary = 'let hosts of two clusters reach each other';
  static override description = `Clusters reach nothing of each other until they are linked. Then nodes, proxies and attached programs of each reach those of the other by their addresses, and by names as node1.CLUSTER; ports where servers meet only where --port names them.
It stays until 'unlink', or until one of both is destroyed, also through a reboot.`;
  static override examples = [
    '<%= config.bin %> link east west',
    '<%= config.bin %> link east west --one-way --port client',
    '<%= config.bin %> link east west --to node1,node2 --port 3306',
  ];
  static override args = {
    cluster: Args.string({ description: 'name of a cluster', ignoreStdin: true, required: true }),
    other: Args.string({ description: 'name of the other one', ignoreStdin: true, required: true }),
  };
  static override flags = {
    'one-way': Flags.boolean({ summary: 'hosts of the first reach those of the second, and not the other way round' }),
    port: Flags.string({
      summary:
        'at which hosts are reached, a number or a name as client; may be repeated; all but those where servers meet when absent',
      multiple: true,
      helpValue: 'PORT',
    }),
    to: Flags.string({ summary: 'hosts of the second that are reached; all when absent', helpValue: 'NODE,…' }),
  };

  async run(): Promise<LinkMade> {
    const { args, flags } = await this.parse(Link);
    const { 'one-way': oneWay, port: ports = [], to } = flags;
    const hosts = to === undefined ? [] : namesIn('--to', to);
    const made = await linkClusters(this.machine, { from: args.cluster, to: args.other, oneWay, ports, hosts });
    for (const { name, link } of made.clusters) this.log(`${name}: ${linkText(link)}`);
    return made;
  }
}
