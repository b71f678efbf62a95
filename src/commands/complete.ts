import { afterDashes } from '../cli/after-dashes.js';
import { BaseCommand } from '../cli/base-command.js';
import { complete } from '../cli/completion/complete.js';
import { namesOn } from '../lifecycle/completion.js';

export default class Complete extends BaseCommand {
  static override hidden = true;
  static override summary = 'tell a shell what the last word could become';
  static override description = `The scripts of 'dbns autocomplete' call it at each press of Tab. A line for each word that could stand there: the word, a tab, what it is; ':files' alone for names of files.`;
  static override examples = [
    '<%= config.bin %> complete -- uri p',
    "<%= config.bin %> complete -- pxc create --image ''",
  ];
  static override enableJsonFlag = false;
  static override strict = false;

  async run(): Promise<void> {
    const { before, after } = afterDashes(this.argv);
    await this.parse(Complete, [...before]);
    const { commands, topics } = this.config;
    const { candidates, files } = await complete(after, { commands, topics }, () => namesOn(this.machine));
    for (const { value, about } of candidates) this.log(`${value}\t${about.replace(/\s+/g, ' ')}`);
    if (files) this.log(':files');
  }
}
