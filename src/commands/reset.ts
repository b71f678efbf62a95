import * as Flags from '@oclif/core/flags';
import { clusterArg, noWaitFlag } from '../cli/arguments.js';
import { outcomesText } from '../cli/outcomes.js';
import { parseDuration } from '../cluster/duration.js';

import { VerbCommand, type VerbResult } from '../cli/verb-command.js';
import { resetCluster } from '../lifecycle/life/reset.js';
import { selectName } from '../lifecycle/select.js';

export default class Reset extends VerbCommand {
  static override summary = 'put a cluster back to the state in which create returned';
  static override description = `Servers are killed, their data thrown away, and the cluster forms anew: no row, table, account, variable, binary log or GTID of before is left. Addresses, account and password stay, and so do proxies, exposed ports, links and attached programs. Faults are healed, roles and options are as create gave them, stopped nodes run. Clusters that were made with --init get that data again. Nodes that were added are members again, as empty as the others; those that were removed stay away.
Connections end. One that is interrupted is taken up again by the same words.`;
  static override examples = [
    '<%= config.bin %> reset pxc',
    '<%= config.bin %> reset pxc --no-to-init',
    '<%= config.bin %> reset replication --timeout 5m',
    '<%= config.bin %> reset --json | jq .clusters[].cluster.state',
  ];
  static override args = { cluster: clusterArg };
  static override flags = {
    ...noWaitFlag,
    'to-init': Flags.boolean({
      summary: 'with the data of create --init (the default where there are any); with --no-to-init without',
      allowNo: true,
    }),
    timeout: Flags.string({
      summary: 'how long the servers may take until they are ready, e.g. 5m',
      default: '2m',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<VerbResult> {
    const { args, flags } = await this.parse(Reset);
    const options = { timeout: parseDuration(flags.timeout), toInit: flags['to-init'] };
    const context = this.interruptible();
    const name = await selectName(this.machine, args.cluster);
    if (flags['no-wait']) return this.inBackground(name);
    const view = await resetCluster(name, options, context);
    this.log(outcomesText([view], true));
    return { clusters: [view] };
  }
}
