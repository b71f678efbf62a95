import * as Flags from '@oclif/core/flags';
import { nodesArgs, nodesFlags } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { dryRunText } from '../cli/dry-run-text.js';
import { outcomesText } from '../cli/outcomes.js';
import { parseDuration } from '../cli/values.js';
import { choose, namesOf } from '../lifecycle/choose.js';
import type { DryRun } from '../lifecycle/dry-run.js';
import { planStart, startNodes } from '../lifecycle/life/start.js';
import type { VerbView } from '../lifecycle/life/verb.js';

export default class Start extends BaseCommand {
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
    'dry-run': Flags.boolean({ summary: 'say what is known, and print the plan; touch nothing' }),
    bootstrap: Flags.string({ summary: 'the node whose data count, where nobody else can tell', helpValue: 'NODE' }),
    timeout: Flags.string({
      summary: 'how long the servers may take until they are ready, e.g. 5m',
      default: '2m',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<{ clusters: readonly (VerbView | DryRun)[] }> {
    const { args, flags } = await this.parse(Start);
    if (flags['dry-run']) return this.dryRun(args.names ?? [], flags);
    const options = { timeout: parseDuration(flags.timeout), bootstrap: flags.bootstrap };
    const clusters: VerbView[] = [];
    const context = this.interruptible();
    for (const chosen of await choose(this.machine, { words: args.names ?? [], ...flags }, 'always'))
      clusters.push(await startNodes(chosen.cluster.name, namesOf(chosen), options, context));
    this.log(outcomesText(clusters, true));
    return { clusters };
  }
  private async dryRun(
    words: readonly string[],
    {
      bootstrap,
      ...flags
    }: { all: boolean; role?: string | undefined; group?: string | undefined; bootstrap?: string | undefined },
  ): Promise<{ clusters: readonly DryRun[] }> {
    const clusters: DryRun[] = [];
    for (const chosen of await choose(this.machine, { words, ...flags }, 'always'))
      clusters.push(await planStart(this.machine, chosen.cluster.name, namesOf(chosen), bootstrap));
    this.log(clusters.map(dryRunText).join('\n\n'));
    return { clusters };
  }
}
