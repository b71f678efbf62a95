import { setTimeout as sleep } from 'node:timers/promises';
import * as Flags from '@oclif/core/flags';
import { word } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { clusterTitle, nodeTable } from '../cli/table.js';
import { UnhealthyError } from '../errors/errors.js';
import { statusOf } from '../lifecycle/status.js';
import type { ClusterView } from '../lifecycle/view.js';

export default class Status extends BaseCommand {
  static override summary = 'ask every node how it is';
  static override description = `Each server is asked over its unix socket, all at once, with a deadline of a second: a node that hangs is shown as unresponsive and holds up nobody. Without a name, all clusters.`;
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status pxc --watch',
    '<%= config.bin %> status pxc --check && ./run-tests',
    '<%= config.bin %> status --json | jq .clusters[].state',
  ];
  static override args = { cluster: word('name of the cluster') };
  static override flags = {
    check: Flags.boolean({ summary: 'exit 7 unless all is well' }),
    watch: Flags.boolean({ char: 'w', summary: 'again every second, until Ctrl-C; with --json a document a line' }),
  };

  async run(): Promise<{ clusters: readonly ClusterView[] } | undefined> {
    const { args, flags } = await this.parse(Status);
    if (flags.watch) return this.watch(args.cluster);
    const clusters = await statusOf(this.machine, args.cluster);
    this.log(textOf(clusters));
    if (flags.check && !clusters.every(isWell)) return this.fail(clusters);
    return { clusters };
  }

  /** The document is the result all the same; the exit code says that it is not well. */
  private fail(clusters: readonly ClusterView[]): { clusters: readonly ClusterView[] } {
    const unwell = clusters.filter((cluster) => !isWell(cluster)).map(({ name, state }) => `${name} is ${state}`);
    const error = new UnhealthyError(`Not well: ${unwell.join(', ')}.`);
    if (!this.jsonEnabled()) throw error;
    process.exitCode = error.exitCode;
    return { clusters };
  }

  private async watch(name: string | undefined): Promise<never> {
    for (;;) {
      const clusters = await statusOf(this.machine, name);
      if (this.jsonEnabled()) process.stdout.write(`${JSON.stringify({ clusters })}\n`);
      else
        process.stdout.write(
          `${process.stdout.isTTY ? '\u001B[H\u001B[2J' : ''}${new Date().toISOString()}\n${textOf(clusters)}\n`,
        );
      await sleep(1000);
    }
  }
}

function isWell({ state }: ClusterView): boolean {
  return state === 'running';
}

function textOf(clusters: readonly ClusterView[]): string {
  if (clusters.length === 0) return 'There is no cluster. Make one: dbns pxc create';
  return clusters.map((cluster) => `${clusterTitle(cluster)}\n${nodeTable(cluster)}`).join('\n\n');
}
