import { nodesArgs, nodesFlags, typedWords } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { outcomesText } from '../cli/outcomes.js';
import { choose } from '../lifecycle/choose.js';
import { pauseNodes } from '../lifecycle/life/signal.js';
import type { VerbView } from '../lifecycle/life/verb.js';

export default class Pause extends BaseCommand {
  static override summary = "stop nodes' servers as a debugger does: connections stay, nobody answers";
  static override description =
    "Every process of the server's sandbox is stopped by a signal (SIGSTOP). Programs that `exec` runs in the namespace go on.";
  static override examples = [
    '<%= config.bin %> pause pxc node2',
    '<%= config.bin %> pause replication --role primary',
  ];
  static override args = nodesArgs;
  static override flags = nodesFlags;

  async run(): Promise<{ clusters: readonly VerbView[] }> {
    const { args, flags } = await this.parse(Pause);
    const clusters: VerbView[] = [];
    for (const chosen of await choose(this.machine, { words: typedWords(args), ...flags }, 'named'))
      clusters.push(await pauseNodes(this.machine, chosen));
    this.log(outcomesText(clusters));
    return { clusters };
  }
}
