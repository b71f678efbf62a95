import { Flags } from '@oclif/core';
import { requiredWord } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { formatSize } from '../../cli/table.js';
import { pullImage, type Image } from '../../lifecycle/images.js';

export default class ImagePull extends BaseCommand {
  static override summary = 'get an image, without a container engine';
  static override description = `mmdebstrap makes a tree with the server out of Debian's packages, from the apt sources that this machine already has. Nothing is installed on the machine. Whole or not at all; a second pull of the same image waits for the first.`;
  static override examples = [
    '<%= config.bin %> image pull mariadb:10.11',
    '<%= config.bin %> image pull mariadb:11.8 --force',
    '<%= config.bin %> image pull mariadb:11.8 --mirror http://127.0.0.1:8080/debian',
  ];
  static override args = {
    image: requiredWord('NAME:VERSION; dbns image list names them'),
  };
  static override flags = {
    force: Flags.boolean({ summary: 'make it anew though it is there' }),
    mirror: Flags.string({
      summary: "URI of a Debian archive, instead of the apt sources'",
      env: 'DBNS_MIRROR',
      helpValue: 'URI',
    }),
    'allow-expired': Flags.boolean({
      summary: 'take an archive whose Release file has expired (a frozen mirror)',
      env: 'DBNS_ALLOW_EXPIRED',
    }),
  };

  async run(): Promise<Image> {
    const { args, flags } = await this.parse(ImagePull);
    const image = await pullImage(args.image, this.interruptible(), {
      force: flags.force,
      allowExpired: flags['allow-expired'],
      ...(flags.mirror !== undefined && { mirror: flags.mirror }),
    });
    this.log(`${image.ref}: ${formatSize(image.sizeBytes)}, ${image.from}`);
    return image;
  }
}
