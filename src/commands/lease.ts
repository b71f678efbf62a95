import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { requiredWord } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { parseLease } from '../cli/lease.js';
import { clusterTitle, nodeTable } from '../cli/table.js';
import { UsageError } from '../errors/errors.js';
import { leaseCluster } from '../lifecycle/life/lease.js';
import type { ClusterView } from '../lifecycle/view.js';

export default class Lease extends BaseCommand {
  static override summary = 'say anew for how long a cluster is there';
  static override description =
    "The cluster's keeper destroys it within 5 seconds after one of the processes has ended (a zombie has), or the time is up. What was said before, at create or here, counts no more.";
  static override examples = [
    '<%= config.bin %> lease pxc 30m',
    '<%= config.bin %> lease pxc $$',
    '<%= config.bin %> lease pxc --off',
  ];
  static override args = {
    cluster: requiredWord('name of the cluster'),
    until: Args.string({
      description: 'the number of a process, or a time such as 10m; several: whichever ends first',
      ignoreStdin: true,
      multiple: true,
    }),
  };
  static override flags = { off: Flags.boolean({ summary: 'it stays until somebody destroys it' }) };

  async run(): Promise<ClusterView> {
    const { args, flags } = await this.parse(Lease);
    const words = args.until ?? [];
    if (flags.off === words.length > 0) throw new UsageError('Name a process or a time, or --off: one of both.');
    const cluster = await leaseCluster(args.cluster, flags.off ? null : parseLease(words), { machine: this.machine });
    this.log([clusterTitle(cluster), nodeTable(cluster)].join('\n'));
    return cluster;
  }
}
