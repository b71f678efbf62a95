import { isMany, nodesFlags, word } from '../cli/arguments.js';
import { afterDashes } from '../cli/after-dashes.js';
import { BaseCommand } from '../cli/base-command.js';
import { printNodeLines } from '../cli/node-lines.js';
import { UsageError } from '../errors/errors.js';
import { execOnNode, execOnNodes } from '../lifecycle/reach/exec.js';

export default class Exec extends BaseCommand {
  static override summary = "run one of the machine's programs in a node's namespace, or in those of many";
  static override description = `The program sees the network as the node does, and the files of the machine. Streams, signals, the environment and the exit code are passed on.
On many nodes (several names, --role, --group, --zone, --all) it runs on all at once with nothing to read, each line comes behind its node's name, and the exit code is the worst, which is the highest. What stands after -- is the command then.`;
  static override examples = [
    '<%= config.bin %> exec pxc node1 -- ip addr',
    '<%= config.bin %> exec pxc node2 -- ss -tnp',
    '<%= config.bin %> exec pxc node1 -- bash',
    '<%= config.bin %> exec pxc --all -- ip -brief addr show eth0',
    '<%= config.bin %> exec replication --role replica -- ping -c 1 node1',
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = {
    cluster: word('name of the cluster'),
    node: word('name of the node, or of several'),
  };
  static override flags = nodesFlags;

  async run(): Promise<void> {
    const { before, after } = splitCommand(this.argv);
    const { argv, flags } = await this.parse(Exec, [...before]);
    const words = argv.map(String);
    if (isMany(flags, words)) {
      process.exitCode = await execOnNodes(this.machine, { ...flags, words }, after, printNodeLines());
      return;
    }
    const [cluster, node] = words;
    if (cluster === undefined || node === undefined) {
      throw new UsageError('Where should it run? dbns exec CLUSTER NODE -- COMMAND …', {
        suggestions: ['Or choose nodes by --role, --group, --zone or --all.'],
      });
    }
    process.exitCode = await execOnNode(this.machine, cluster, node, after);
  }
}

/** Without `--` the command begins with the third word: `dbns exec pxc node1 ip -br addr`. */
function splitCommand(words: readonly string[]) {
  const named = words.slice(0, 2).every((word) => !word.startsWith('-'));
  if (words.includes('--') || !named) return afterDashes(words);
  return { before: words.slice(0, 2), after: words.slice(2) };
}
