import { setTimeout as sleep } from 'node:timers/promises';
import * as Flags from '@oclif/core/flags';
import { word } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { takeScreen } from '../cli/screen.js';
import { clusterTitle, nodeTable, type TableOptions } from '../cli/table.js';
import { parseDuration } from '../cluster/duration.js';
import { UnhealthyError } from '../errors/errors.js';
import { statusOf } from '../lifecycle/status.js';
import type { ClusterView } from '../lifecycle/view.js';

export default class Status extends BaseCommand {
  static override summary = 'ask every node how it is';
  static override description = `Each server is asked over its unix socket, all at once, and has --timeout to answer: one that does not holds up nobody. It is shown as slow when it was at work meanwhile, which a busy machine can cause, else as unresponsive. Without a name, all clusters.
Rows have 80 columns: what is looked at first. --wide shows all.`;
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status pxc --watch',
    '<%= config.bin %> status pxc --check --timeout 10s && ./run-tests',
    '<%= config.bin %> status --json | jq .clusters[].state',
  ];
  static override args = { cluster: word('name of the cluster') };
  static override flags = {
    check: Flags.boolean({ summary: 'exit 7 unless all is well: each cluster running, or stopped as is wanted' }),
    timeout: Flags.string({
      summary: 'how long a server may take to answer, e.g. 10s',
      default: '900ms',
      helpValue: 'DURATION',
    }),
    wide: Flags.boolean({ summary: 'all columns' }),
    watch: Flags.boolean({ char: 'w', summary: 'again every second, until Ctrl-C; with --json a document a line' }),
  };

  async run(): Promise<{ clusters: readonly ClusterView[] } | undefined> {
    const { args, flags } = await this.parse(Status);
    const timeout = parseDuration(flags.timeout);
    const look = () => statusOf(this.machine, args.cluster, timeout);
    if (flags.watch) return this.watch(look, flags);
    const clusters = await look();
    this.log(textOf(clusters, flags));
    if (flags.check && !clusters.every(isWell)) return this.fail(clusters);
    return { clusters };
  }

  /** The document is the result all the same; the exit code says that it is not well. */
  private fail(clusters: readonly ClusterView[]): { clusters: readonly ClusterView[] } {
    const unwell = clusters.filter((cluster) => !isWell(cluster)).map(({ name, state }) => `${name} is ${state}`);
    const error = new UnhealthyError(`Not well: ${unwell.join(', ')}.`, { suggestions: slowNodes(clusters) });
    if (!this.jsonEnabled()) throw error;
    process.exitCode = error.exitCode;
    return { clusters };
  }

  private async watch(look: () => Promise<readonly ClusterView[]>, options: TableOptions): Promise<never> {
    const screen = process.stdout.isTTY && !this.jsonEnabled() ? takeScreen(process.stdout) : null;
    const print = (text: string) => process.stdout.write(`${text}\n`);
    try {
      for (;;) {
        const clusters = await look();
        if (this.jsonEnabled()) print(JSON.stringify({ clusters }));
        else (screen?.show ?? print)(`${new Date().toISOString()}\n${textOf(clusters, options)}`);
        await sleep(1000);
      }
    } finally {
      screen?.leave();
    }
  }
}

/** One that is stopped as it was wanted is well too. */
function isWell({ state }: ClusterView): boolean {
  return state === 'running' || state === 'stopped';
}

/** Whether these are well is not known: who has time can wait. */
function slowNodes(clusters: readonly ClusterView[]): readonly string[] {
  const slow = clusters.flatMap(({ name, nodes }) =>
    nodes.filter((node) => node.process === 'slow').map((node) => `${node.name} of ${name}`),
  );
  return slow.length === 0
    ? []
    : [`--timeout 10s gives them more time: ${slow.join(', ')} worked and did not answer yet.`];
}

function textOf(clusters: readonly ClusterView[], options: TableOptions): string {
  if (clusters.length === 0) return 'There is no cluster. Make one: dbns pxc create';
  return clusters.map((cluster) => `${clusterTitle(cluster)}\n${nodeTable(cluster, options)}`).join('\n\n');
}
