import { requiredWord } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { around } from '../cli/environment.js';
import { openShell } from '../lifecycle/reach/tool.js';

export default class Shell extends BaseCommand {
  static override summary = "open a shell in a node: its image's programs and files, its network";
  static override description = `As root, with the node's directory to be read and the working directory to be written; the clients of MySQL's family are connected to the node with no password to type. Everything else of the machine is not there: for its programs in the node's network see 'exec'.`;
  static override examples = [
    '<%= config.bin %> shell pxc node1',
    `echo 'mariadb -e "SHOW PROCESSLIST"' | <%= config.bin %> shell pxc node1`,
  ];
  static override enableJsonFlag = false;
  static override args = {
    cluster: requiredWord('name of the cluster'),
    node: requiredWord('name of the node'),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Shell);
    process.exitCode = await openShell(
      { machine: this.machine, observer: this.observer },
      { cluster: args.cluster, node: args.node, ...around() },
    );
  }
}
