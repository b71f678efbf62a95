import { nodesArgs, nodesFlags } from '../cli/arguments.js';
import { VerbCommand } from '../cli/verb-command.js';
import { resumeNodes } from '../lifecycle/running/signal.js';
import type { VerbView } from '../lifecycle/running/verb.js';

export default class Resume extends VerbCommand {
  static override summary = 'let paused nodes go on';
  static override examples = ['<%= config.bin %> resume pxc node2', '<%= config.bin %> resume pxc --all'];
  static override args = nodesArgs;
  static override flags = nodesFlags;

  async run(): Promise<{ clusters: readonly VerbView[] }> {
    const chosen = await this.chosen(await this.parse(Resume), 'named');
    return this.onEach(chosen, (one) => resumeNodes(this.machine, one));
  }
}
