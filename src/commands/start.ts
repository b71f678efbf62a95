import * as Flags from '@oclif/core/flags';
import { noWaitFlag, nodesArgs, nodesFlags } from '../cli/arguments.js';
import { dryRunText } from '../cli/dry-run-text.js';
import { parseDuration } from '../cluster/duration.js';
import { VerbCommand, type VerbResult } from '../cli/verb-command.js';
import { namesOf, type Chosen } from '../lifecycle/choose.js';
import type { DryRun } from '../lifecycle/dry-run.js';
import { planStart, startNodes } from '../lifecycle/running/start.js';

export default class Start extends VerbCommand {
  static override summary = 'start nodes after whatever happened to them';
  static override description = `After a stop, a kill, a reboot of the machine, a namespace or a bridge that somebody deleted: what is missing is made again out of what is on the disk, with the same addresses. It is told who begins and why, and the command returns when the nodes are ready.
When nobody can tell whose data count, nothing is started (exit 5), and --bootstrap decides. Without nodes all of the cluster are meant.`;
  static override examples = [
    '<%= config.bin %> start pxc',
    '<%= config.bin %> start pxc node2',
    '<%= config.bin %> start pxc --bootstrap node3',
    '<%= config.bin %> start pxc --dry-run',
    '<%= config.bin %> start --all',
  ];
  static override args = nodesArgs;
  static override flags = {
    ...nodesFlags,
    ...noWaitFlag,
    'dry-run': Flags.boolean({ summary: 'say what is known, and print the plan; touch nothing' }),
    bootstrap: Flags.string({ summary: 'the node whose data count, where nobody else can tell', helpValue: 'NODE' }),
    timeout: Flags.string({
      summary: 'how long the servers may take until they are ready, e.g. 5m',
      default: '2m',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<VerbResult | { clusters: readonly DryRun[] }> {
    const { args, flags } = await this.parse(Start);
    const chosen = await this.chosen({ args, flags }, 'always');
    const { bootstrap } = flags;
    if (flags['dry-run']) return this.dryRun(chosen, bootstrap);
    const options = { timeout: parseDuration(flags.timeout), bootstrap };
    const context = this.interruptible();
    return this.onEach(chosen, (one) => startNodes(one.cluster.name, namesOf(one), options, context), {
      table: true,
      noWait: flags['no-wait'],
    });
  }

  private async dryRun(chosen: readonly Chosen[], bootstrap: string | undefined) {
    const clusters: DryRun[] = [];
    for (const one of chosen) clusters.push(await planStart(this.machine, one.cluster.name, namesOf(one), bootstrap));
    this.log(clusters.map(dryRunText).join('\n\n'));
    return { clusters };
  }
}
