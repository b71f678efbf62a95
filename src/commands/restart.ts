import * as Flags from '@oclif/core/flags';
import { noWaitFlag, nodesArgs, nodesFlags } from '../cli/arguments.js';
import { parseDuration } from '../cluster/duration.js';
import { VerbCommand, type VerbResult } from '../cli/verb-command.js';
import { namesOf } from '../lifecycle/choose.js';
import { restartNodes } from '../lifecycle/running/restart.js';

export default class Restart extends VerbCommand {
  static override summary = 'stop nodes and start them again';
  static override description = `All at once, or with --rolling one at a time: the next when the one before is ready, and the primary last, after a switchover where there is somebody to take over. Their configuration is read again.`;
  static override examples = [
    '<%= config.bin %> restart pxc node2',
    '<%= config.bin %> restart replication --rolling',
    '<%= config.bin %> restart --all',
  ];
  static override args = nodesArgs;
  static override flags = {
    ...nodesFlags,
    ...noWaitFlag,
    rolling: Flags.boolean({ summary: 'one at a time, the primary last' }),
    timeout: Flags.string({
      summary: 'how long a node may take to stop, and all may take to start, e.g. 5m',
      default: '2m',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<VerbResult> {
    const { args, flags } = await this.parse(Restart);
    const options = { timeout: parseDuration(flags.timeout), rolling: flags.rolling };
    const context = this.interruptible();
    const chosen = await this.chosen({ args, flags }, 'always');
    return this.onEach(chosen, (one) => restartNodes(one.cluster.name, namesOf(one), options, context), {
      table: true,
      noWait: flags['no-wait'],
    });
  }
}
