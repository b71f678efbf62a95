import * as Flags from '@oclif/core/flags';
import { noWaitFlag, nodesArgs, nodesFlags } from '../cli/arguments.js';
import { parseDuration } from '../cluster/duration.js';
import { VerbCommand, type VerbResult } from '../cli/verb-command.js';
import { namesOf } from '../lifecycle/choose.js';
import { removeNodes } from '../lifecycle/life/remove.js';

export default class Remove extends VerbCommand {
  static override summary = 'take nodes out of a cluster, and away';
  static override description = `They leave in the order of their topology: replicas of theirs get another source, shards are drained, those that stay keep their quorum. Then server, namespace, link and data go. It is told what it means for those that stay; what would leave them without a quorum or a primary is refused (exit 5) without --force.
Numbers of nodes are never used again. A removal that was cut short is taken up again by the same words. All of a cluster: 'destroy'.`;
  static override examples = [
    '<%= config.bin %> remove pxc node4',
    '<%= config.bin %> remove replication --role replica',
    '<%= config.bin %> remove mongo --group shard2',
    '<%= config.bin %> remove group node3 --force',
  ];
  static override args = nodesArgs;
  static override flags = {
    ...nodesFlags,
    ...noWaitFlag,
    force: Flags.boolean({ summary: 'whatever it means for those that stay' }),
    timeout: Flags.string({
      summary: 'how long those that stay may take to do without them, e.g. 30m to drain a shard',
      default: '2m',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<VerbResult> {
    const { args, flags } = await this.parse(Remove);
    const options = { force: flags.force, timeout: parseDuration(flags.timeout) };
    const context = this.interruptible();
    const chosen = await this.chosen({ args, flags }, 'named');
    return this.onEach(chosen, (one) => removeNodes(one.cluster.name, namesOf(one), options, context), {
      table: true,
      noWait: flags['no-wait'],
    });
  }
}
