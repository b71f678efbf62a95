import * as Flags from '@oclif/core/flags';
import { clusterArg, word } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { optionsText } from '../cli/options-text.js';
import { parseDuration } from '../cluster/duration.js';
import { optionsOf, type OptionsView } from '../lifecycle/change/options.js';
import { selectName } from '../lifecycle/select.js';

export default class Options extends BaseCommand {
  static override summary = "show what differs from the servers' defaults, and between nodes";
  static override description = `Asked of the servers: of MySQL performance_schema.variables_info, which does not tell the defaults, of MariaDB information_schema.SYSTEM_VARIABLES, of mongod getCmdLineOpts. An option that not all nodes have alike has a line for each value. Those that were given with create -c or 'set' are marked with *.
Left out is what makes a node what it is (its address, its files, its number) and what a server sized by itself; --all shows the former too.`;
  static override examples = [
    '<%= config.bin %> options pxc',
    '<%= config.bin %> options replication node2',
    "<%= config.bin %> options pxc --json | jq -r '.options[] | select(.differs) | .name'",
  ];
  static override args = { cluster: clusterArg, node: word('name of the node; all when absent') };
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'also what makes a node what it is' }),
    timeout: Flags.string({
      summary: 'how long a server may take to answer, e.g. 10s',
      default: '5s',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<OptionsView> {
    const { args, flags } = await this.parse(Options);
    const nodes = args.node === undefined ? [] : [args.node];
    const request = { nodes, all: flags.all, timeout: parseDuration(flags.timeout) };
    const view = await optionsOf(this.machine, await selectName(this.machine, args.cluster), request);
    this.log(optionsText(view));
    return view;
  }
}
