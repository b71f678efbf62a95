import { BaseCommand } from '../../cli/base-command.js';
import { formatSize } from '../../cli/format.js';
import { table } from '../../cli/table.js';
import { knownImages, listImages, type ListedImage } from '../../lifecycle/images/images.js';

const HEAD = ['image', 'server', 'size', 'digest', 'from', 'made', 'used by'];

export default class ImageList extends BaseCommand {
  static override summary = 'list the images that are here, and those that can be pulled';
  static override examples = [
    '<%= config.bin %> image list',
    '<%= config.bin %> image list --json | jq -r .images[].ref',
  ];

  async run(): Promise<{ images: readonly ListedImage[]; pullable: readonly string[] }> {
    await this.parse(ImageList);
    const images = await listImages(this.machine);
    const pullable = knownImages().filter((ref) => !images.some((image) => image.ref === ref));
    if (images.length > 0) this.log(table(HEAD, images.map(rowOf)));
    if (pullable.length > 0) this.log(`Can be pulled: ${pullable.join(', ')}`);
    return { images, pullable };
  }
}

/** Of digest and day what people compare; all of them is in the JSON. */
function rowOf({ ref, server, sizeBytes, digest, from, createdAt, usedBy }: ListedImage): readonly string[] {
  return [
    ref,
    server ?? '-',
    formatSize(sizeBytes),
    digest?.slice(0, 'sha256:'.length + 12) ?? '-',
    from,
    createdAt?.slice(0, 10) ?? '-',
    usedBy.join(', ') || '-',
  ];
}
