import * as Args from '@oclif/core/args';
import { requiredWord } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { clusterTitle, nodeTable } from '../../cli/table.js';
import { removeCompanions } from '../../lifecycle/companions/remove.js';
import type { ClusterView } from '../../lifecycle/view.js';

export default class ProxyRemove extends BaseCommand {
  static override summary = 'take a proxy away';
  static override description =
    'Its namespace, link, address and files go; so does what was exposed of it. Clients of it are cut off.';
  static override examples = ['<%= config.bin %> proxy remove pxc proxy1'];
  static override args = {
    cluster: requiredWord('name of the cluster'),
    name: Args.string({ description: 'names of proxies', ignoreStdin: true, required: true, multiple: true }),
  };

  async run(): Promise<{ cluster: ClusterView }> {
    const { args } = await this.parse(ProxyRemove);
    const cluster = await removeCompanions(args.cluster, args.name, this.interruptible());
    this.log(`${clusterTitle(cluster)}\n${nodeTable(cluster)}`);
    return { cluster };
  }
}
