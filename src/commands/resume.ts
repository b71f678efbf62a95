import { nodesArgs, nodesFlags, typedWords } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { outcomesText } from '../cli/outcomes.js';
import { choose } from '../lifecycle/choose.js';
import { resumeNodes } from '../lifecycle/life/signal.js';
import type { VerbView } from '../lifecycle/life/verb.js';

export default class Resume extends BaseCommand {
  static override summary = 'let paused nodes go on';
  static override examples = ['<%= config.bin %> resume pxc node2', '<%= config.bin %> resume pxc --all'];
  static override args = nodesArgs;
  static override flags = nodesFlags;

  async run(): Promise<{ clusters: readonly VerbView[] }> {
    const { args, flags } = await this.parse(Resume);
    const clusters: VerbView[] = [];
    for (const chosen of await choose(this.machine, { words: typedWords(args), ...flags }, 'named'))
      clusters.push(await resumeNodes(this.machine, chosen));
    this.log(outcomesText(clusters));
    return { clusters };
  }
}
