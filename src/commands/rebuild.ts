import * as Flags from '@oclif/core/flags';
import { noWaitFlag, requiredWord } from '../cli/arguments.js';
import { outcomesText } from '../cli/outcomes.js';
import { VerbCommand, type VerbResult } from '../cli/verb-command.js';
import { parseDuration } from '../cluster/duration.js';
import { rebuildNode } from '../lifecycle/change/rebuild.js';
import { selectName } from '../lifecycle/select.js';

export default class Rebuild extends VerbCommand {
  static override summary = 'give a node all its data anew, from the others';
  static override description = `For a replica with transactions that its source never had, a former primary, a damaged or wiped data directory, a node of Galera or a member that can't come back. What the node has is thrown away, and it gets its data as 'add' gives them, and says which way and why. Name, address, role, group and options stay. A primary is refused (exit 5): promote another first.
With --accept nothing is thrown away: the primary commits an empty transaction for each that the node alone has, so that all have them (MySQL, by GTID); what they changed stays on the node alone.
One that was cut short is taken up again by the same words.`;
  static override examples = [
    '<%= config.bin %> rebuild replication node2',
    '<%= config.bin %> rebuild pxc node3',
    '<%= config.bin %> rebuild replication node2 --accept',
    '<%= config.bin %> rebuild group node3 --json | jq -r .clusters[].notes[]',
  ];
  static override args = { cluster: requiredWord('name of the cluster'), node: requiredWord('name of the node') };
  static override flags = {
    ...noWaitFlag,
    accept: Flags.boolean({
      summary: 'keep its data: empty transactions on the primary stand for those that it alone has',
    }),
    timeout: Flags.string({
      summary: 'how long it may take until the node is ready, e.g. 30m',
      default: '5m',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<VerbResult> {
    const { args, flags } = await this.parse(Rebuild);
    const options = { timeout: parseDuration(flags.timeout), accept: flags.accept };
    const context = this.interruptible();
    if (flags['no-wait']) return this.inBackground(await selectName(this.machine, args.cluster));
    const view = await rebuildNode(args.cluster, args.node, options, context);
    this.log(outcomesText([view], true));
    return { clusters: [view] };
  }
}
