import { requiredWord } from '../cli/arguments.js';
import { afterDashes } from '../cli/after-dashes.js';
import { BaseCommand } from '../cli/base-command.js';
import { execOnNode } from '../lifecycle/reach/exec.js';

export default class Exec extends BaseCommand {
  static override summary = "run one of the machine's programs in a node's namespace";
  static override description =
    'The program sees the network as the node does, and the files of the machine. Streams, signals, the environment and the exit code are passed on.';
  static override examples = [
    '<%= config.bin %> exec pxc node1 -- ip addr',
    '<%= config.bin %> exec pxc node2 -- ss -tnp',
    '<%= config.bin %> exec pxc node1 -- bash',
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = {
    cluster: requiredWord('name of the cluster'),
    node: requiredWord('name of the node'),
  };

  async run(): Promise<void> {
    const { before, after } = splitCommand(this.argv);
    const { args } = await this.parse(Exec, [...before]);
    process.exitCode = await execOnNode(this.machine, args.cluster, args.node, after);
  }
}

/** Without `--` the command begins with the third word: `dbns exec pxc node1 ip -br addr`. */
function splitCommand(words: readonly string[]) {
  const named = words.slice(0, 2).every((word) => !word.startsWith('-'));
  if (words.includes('--') || !named) return afterDashes(words);
  return { before: words.slice(0, 2), after: words.slice(2) };
}
