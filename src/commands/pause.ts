import { nodesArgs, nodesFlags } from '../cli/arguments.js';
import { VerbCommand } from '../cli/verb-command.js';
import { pauseNodes } from '../lifecycle/running/signal.js';
import type { VerbView } from '../lifecycle/running/verb.js';

export default class Pause extends VerbCommand {
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
    const chosen = await this.chosen(await this.parse(Pause), 'named');
    return this.onEach(chosen, (one) => pauseNodes(this.machine, one));
  }
}
