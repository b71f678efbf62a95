import * as Args from '@oclif/core/args';
import { BaseCommand } from '../cli/base-command.js';
import { unlinkClusters } from '../lifecycle/rules/link.js';

export default class Unlink extends BaseCommand {
  static override summary = 'end the link of two clusters';
  static override description = 'Whichever is named first. Connections between them are cut off.';
  static override examples = ['<%= config.bin %> unlink east west'];
  static override args = {
    cluster: Args.string({ description: 'name of a cluster', ignoreStdin: true, required: true }),
    other: Args.string({ description: 'name of the other one', ignoreStdin: true, required: true }),
  };

  async run(): Promise<{ unlinked: readonly [string, string] }> {
    const { args } = await this.parse(Unlink);
    await unlinkClusters(this.machine, args.cluster, args.other);
    this.log(`${args.cluster} and ${args.other} are not linked any more.`);
    return { unlinked: [args.cluster, args.other] };
  }
}
