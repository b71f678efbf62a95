import { requiredWord } from '../cli/arguments.js';
import { afterDashes } from '../cli/after-dashes.js';
import { BaseCommand } from '../cli/base-command.js';
import { execOnNode } from '../lifecycle/exec.js';

export default class Exec extends BaseCommand {
  static override summary = "run one of the machine's programs in a node's namespace";
  static override description =
    'The program sees the network as the node does, and the files of the machine. Streams, signals and the exit code are passed on.';
  static override examples = [
    '<%= config.bin %> exec pxc node1 -- ip addr',
    '<%= config.bin %> exec pxc node2 -- tcpdump -ni eth0 port 4567',
    '<%= config.bin %> exec pxc node1 -- bash',
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = {
    cluster: requiredWord('name of the cluster'),
    node: requiredWord('name of the node'),
  };

  async run(): Promise<void> {
    const { before, after } = afterDashes(this.argv);
    const { args, argv } = await this.parse(Exec, [...before]);
    const loose = argv.slice(2).map(String);
    process.exitCode = await execOnNode(this.machine, args.cluster, args.node, [...loose, ...after]);
  }
}
