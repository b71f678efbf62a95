import { requiredWord } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { removeImage } from '../../lifecycle/images/images.js';

export default class ImageRemove extends BaseCommand {
  static override summary = 'remove an image that no cluster uses, with its pristine directories';
  static override aliases = ['image:rm'];
  static override examples = ['<%= config.bin %> image remove mariadb:11.8'];
  static override args = { image: requiredWord('NAME:VERSION') };

  async run(): Promise<{ removed: string }> {
    const { args } = await this.parse(ImageRemove);
    await removeImage(this.machine, args.image);
    this.log(`Removed: ${args.image}`);
    return { removed: args.image };
  }
}
