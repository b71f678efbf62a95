import { once } from 'node:events';
import * as Flags from '@oclif/core/flags';
import { clusterArg, word } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { nodeLines } from '../cli/node-lines.js';
import { parsePattern } from '../cli/values.js';
import { parseDuration } from '../cluster/duration.js';
import { readLogs } from '../lifecycle/reach/logs.js';

export default class Logs extends BaseCommand {
  static override summary = "read the servers' logs";
  static override description = `Of all nodes in the order of time, each line with its node in front, or of one node. A line without a time stays with the one before it. Lines that --follow waits for come as they are written.
With --json each line is a document of its own.`;
  static override examples = [
    '<%= config.bin %> logs pxc',
    '<%= config.bin %> logs pxc node2',
    '<%= config.bin %> logs pxc --follow --since 1m',
    "<%= config.bin %> logs pxc --since 5m --grep 'error|warning'",
    '<%= config.bin %> logs pxc --lines 20',
  ];
  static override args = {
    cluster: clusterArg,
    node: word('name of the node; all when absent'),
  };
  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'go on as they are written, until Ctrl-C' }),
    since: Flags.string({ summary: 'only what was written so far back, e.g. 5m', helpValue: 'DURATION' }),
    grep: Flags.string({
      summary: 'only lines in which it is found; in lower case it finds upper case too',
      helpValue: 'REGEXP',
    }),
    lines: Flags.integer({ char: 'n', summary: 'only the last so many of each node', min: 0 }),
  };

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Logs);
    let drained: Promise<unknown> | undefined;
    const named = args.node === undefined ? nodeLines() : (_: string, line: string) => line;
    await readLogs(this.machine, {
      cluster: args.cluster,
      node: args.node,
      follow: flags.follow,
      lines: flags.lines,
      since: flags.since === undefined ? undefined : parseDuration(flags.since),
      grep: flags.grep === undefined ? undefined : parsePattern(flags.grep),
      onLine: (node, line, at) => {
        const text = this.jsonEnabled() ? JSON.stringify({ node, at, line }) : named(node, line);
        if (process.stdout.write(`${text}\n`)) return;
        drained ??= once(process.stdout, 'drain').then(() => (drained = undefined));
        return drained;
      },
    });
  }
}
