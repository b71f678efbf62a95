import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { requiredWord } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { parseDuration } from '../cluster/duration.js';
import { detachFrom, type DetachView } from '../lifecycle/rules/detach.js';

export default class Detach extends BaseCommand {
  static override summary = "take a program off a cluster's network";
  static override description =
    'Its namespace is as it was found then. A command that attach has started is ended, and its log goes; nothing is done to other programs.';
  static override examples = ['<%= config.bin %> detach pxc app'];
  static override args = {
    cluster: requiredWord('name of the cluster'),
    name: Args.string({
      description: 'names of what is attached',
      ignoreStdin: true,
      required: true,
      multiple: true,
    }),
  };
  static override flags = {
    timeout: Flags.string({
      summary: 'how long a command of attach may take before it is killed',
      default: '10s',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<DetachView> {
    const { args, flags } = await this.parse(Detach);
    const timeout = parseDuration(flags.timeout);
    const detached = await detachFrom(args.cluster, args.name, { timeout }, this.interruptible());
    for (const { node, outcome } of detached.nodes) this.log(`${node}: ${outcome}`);
    return detached;
  }
}
