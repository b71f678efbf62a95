import * as Flags from '@oclif/core/flags';
import { clusterArg, word } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { readLogs } from '../lifecycle/reach/logs.js';

export default class Logs extends BaseCommand {
  static override summary = "read the servers' logs";
  static override description =
    'Of all nodes, each line with its node in front, or of one node. With --json each line is a document of its own.';
  static override examples = [
    '<%= config.bin %> logs pxc node2',
    '<%= config.bin %> logs pxc --follow',
    '<%= config.bin %> logs pxc --lines 20',
  ];
  static override args = {
    cluster: clusterArg,
    node: word('name of the node; all when absent'),
  };
  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'go on as they are written, until Ctrl-C' }),
    lines: Flags.integer({ char: 'n', summary: 'only the last so many of each node', min: 0 }),
  };

  async run(): Promise<undefined> {
    const { args, flags } = await this.parse(Logs);
    const alone = args.node !== undefined;
    await readLogs(this.machine, {
      cluster: args.cluster,
      node: args.node,
      follow: flags.follow,
      lines: flags.lines,
      onLine: (node, line) => {
        const text = this.jsonEnabled() ? JSON.stringify({ node, line }) : alone ? line : `${node} | ${line}`;
        process.stdout.write(`${text}\n`);
      },
    });
  }
}
