import { clusterArg } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { faultText } from '../../cli/faults.js';
import { listFaults, type ClusterFaults } from '../../lifecycle/faults/list.js';

export default class FaultList extends BaseCommand {
  static override summary = 'what is broken on purpose now';
  static override description =
    'Each fault: which packets or servers it takes, what is left of its time, how many packets it took.';
  static override examples = ['<%= config.bin %> fault list', '<%= config.bin %> fault list pxc --json'];
  static override args = { cluster: clusterArg };

  async run(): Promise<{ clusters: readonly ClusterFaults[] }> {
    const { args } = await this.parse(FaultList);
    const clusters = await listFaults(this.machine, args.cluster);
    const broken = clusters.filter(({ faults }) => faults.length > 0);
    for (const { cluster, faults } of broken) {
      this.log([cluster, ...faults.map((fault) => `  ${faultText(fault)}`)].join('\n'));
    }
    if (broken.length === 0) this.log('Nothing is broken on purpose.');
    return { clusters };
  }
}
