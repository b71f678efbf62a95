import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.js';
import { confirm } from '../../cli/confirm.js';
import { formatSize } from '../../cli/format.js';
import { UsageError } from '../../errors/errors.js';
import { findPrunable, pruneImages, type Prunable } from '../../lifecycle/images/prune.js';

const NOTHING: Prunable = { images: [], pristineDirectories: [], bytes: 0 };

export default class ImagePrune extends BaseCommand {
  static override summary = 'remove the images that no cluster uses, and pristine directories that no image needs';
  static override examples = [
    '<%= config.bin %> image prune --dry-run',
    '<%= config.bin %> image prune --yes',
    '<%= config.bin %> image prune --yes --json | jq .bytes',
  ];
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'do not ask' }),
    'dry-run': Flags.boolean({ summary: 'tell what would be removed; touch nothing' }),
  };

  async run(): Promise<Prunable> {
    const { flags } = await this.parse(ImagePrune);
    if (flags['dry-run']) return this.tell('Would remove', await findPrunable(this.machine));
    if (!flags.yes && !(await this.isConfirmed())) return NOTHING;
    return this.tell('Removed', await pruneImages(this.machine));
  }

  private async isConfirmed(): Promise<boolean> {
    const question = `Remove ${inWords(await findPrunable(this.machine))}?`;
    if (!process.stdin.isTTY) throw new UsageError(`${question} There is no terminal to ask on: say --yes.`);
    return confirm(question);
  }

  private tell(what: string, prunable: Prunable): Prunable {
    this.log(`${what}: ${inWords(prunable)}`);
    return prunable;
  }
}

function inWords({ images, pristineDirectories: { length }, bytes }: Prunable): string {
  const directories = length === 0 ? [] : [`${length} pristine ${length === 1 ? 'directory' : 'directories'}`];
  const all = [...images, ...directories];
  return all.length === 0 ? 'nothing' : `${all.join(', ')} (${formatSize(bytes)})`;
}
