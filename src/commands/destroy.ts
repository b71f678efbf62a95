import * as Flags from '@oclif/core/flags';
import { word } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { confirm } from '../cli/confirm.js';
import { UsageError } from '../errors/errors.js';
import { destroyAll, destroyCluster } from '../lifecycle/life/destroy.js';

export default class Destroy extends BaseCommand {
  static override summary = 'remove a cluster and all that it made';
  static override description = `Servers, namespaces, links, nft table and data directories go; images and pristine directories stay for the next cluster.
A broken cluster goes by its marks. What can't be removed is named with the command that helps (exit 8).
Without a name the only cluster is meant; with several, their names are told and nothing is touched.`;
  static override aliases = ['delete', 'rm'];
  static override examples = [
    '<%= config.bin %> destroy',
    '<%= config.bin %> destroy pxc',
    '<%= config.bin %> destroy --all --yes',
  ];
  static override args = { cluster: word('name of the cluster') };
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'all clusters' }),
    yes: Flags.boolean({ char: 'y', summary: 'do not ask before --all' }),
  };

  async run(): Promise<{ destroyed: readonly string[] }> {
    const { args, flags } = await this.parse(Destroy);
    if (flags.all && args.cluster !== undefined) throw new UsageError('Either a name or --all.');
    const destroyed = flags.all ? await this.all(flags.yes) : [await destroyCluster(args.cluster, this.unstoppable())];
    this.log(destroyed.length === 0 ? 'There was no cluster.' : `Destroyed: ${destroyed.join(', ')}`);
    return { destroyed };
  }

  private async all(yes: boolean): Promise<readonly string[]> {
    if (!yes && process.stdin.isTTY && !(await confirm('Destroy all clusters?'))) return [];
    return destroyAll(this.unstoppable());
  }

  /** A Ctrl-C does not leave a cluster half destroyed: it takes less than a second, and goes on. */
  private unstoppable() {
    return { ...this.interruptible(), signal: new AbortController().signal };
  }
}
