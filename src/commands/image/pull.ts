import * as Flags from '@oclif/core/flags';
import { requiredWord } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { formatSize } from '../../cli/format.js';
import { parseDuration } from '../../cluster/duration.js';
import { pullImage, type PulledImage } from '../../lifecycle/images/images.js';

export default class ImagePull extends BaseCommand {
  static override summary = 'get an image, without a container engine';
  static override description = `By a name that 'dbns image list' tells: mmdebstrap makes a tree out of Debian's packages, from the apt sources that this machine already has, or skopeo and umoci get what the vendor publishes for containers.
By a reference: docker://REGISTRY/NAME:TAG (or @sha256:DIGEST), oci:DIR:TAG, docker-archive:FILE. For a registry that wants a login: skopeo login REGISTRY.
Nothing is installed on the machine. Whole or not at all; a second pull of the same image waits for the first.`;
  static override examples = [
    '<%= config.bin %> image pull mariadb:10.11',
    '<%= config.bin %> image pull pxc:8.0',
    '<%= config.bin %> image pull docker://127.0.0.1:5000/percona/percona-xtradb-cluster:8.0 --as pxc:8.0 --tls-verify=false',
    '<%= config.bin %> image pull docker-archive:/srv/mysql.tar --as mysql:8.4',
    '<%= config.bin %> image pull mariadb:11.8 --force',
    '<%= config.bin %> image pull mariadb:11.8 --mirror http://127.0.0.1:8080/debian',
  ];
  static override args = {
    image: requiredWord('NAME:VERSION, or a reference (docker://…, oci:…, docker-archive:…)'),
  };
  static override flags = {
    as: Flags.string({
      summary: 'what to call the image of a reference; made of the reference when absent',
      helpValue: 'NAME:VERSION',
    }),
    force: Flags.boolean({ summary: 'make it anew though it is there' }),
    'tls-verify': Flags.string({
      summary: 'false: take a registry that speaks plain HTTP, or whose certificate is not trusted',
      options: ['true', 'false'],
      default: 'true',
      env: 'DBNS_TLS_VERIFY',
    }),
    mirror: Flags.string({
      summary: "URI of a Debian archive, instead of the apt sources'",
      env: 'DBNS_MIRROR',
      helpValue: 'URI',
    }),
    timeout: Flags.string({
      summary:
        'how long a registry or mirror may give nothing, e.g. 30s; a minute when absent, and ten seconds of a mirror',
      helpValue: 'DURATION',
    }),
    'allow-expired': Flags.boolean({
      summary: 'take an archive whose Release file has expired (a frozen mirror)',
      env: 'DBNS_ALLOW_EXPIRED',
    }),
  };

  async run(): Promise<PulledImage> {
    const { args, flags } = await this.parse(ImagePull);
    const image = await pullImage(args.image, this.interruptible(), {
      force: flags.force,
      tlsVerify: flags['tls-verify'] === 'true',
      allowExpired: flags['allow-expired'],
      ...(flags.as !== undefined && { as: flags.as }),
      ...(flags.timeout !== undefined && { silence: parseDuration(flags.timeout) }),
      ...(flags.mirror !== undefined && { mirror: flags.mirror }),
    });
    const facts = [image.server, formatSize(image.sizeBytes), image.from, image.digest];
    this.log(`${image.ref}: ${facts.filter((fact) => fact !== null).join(', ')}`);
    return image;
  }
}
