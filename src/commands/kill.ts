import * as Flags from '@oclif/core/flags';
import { nodesArgs, nodesFlags } from '../cli/arguments.js';
import { parseSignal } from '../cli/values.js';
import { VerbCommand } from '../cli/verb-command.js';
import { killNodes } from '../lifecycle/running/signal.js';
import type { VerbView } from '../lifecycle/running/verb.js';

export default class Kill extends VerbCommand {
  static override summary = "send a signal to nodes' servers: SIGKILL, unless another is said";
  static override description =
    "The servers are wanted still: the cluster is degraded, and 'start' brings them back. Programs that `exec` runs in the namespace go on.";
  static override examples = [
    '<%= config.bin %> kill pxc node1',
    '<%= config.bin %> kill replication --role primary',
    '<%= config.bin %> kill pxc node1 --signal TERM',
    '<%= config.bin %> kill pxc --all',
  ];
  static override args = nodesArgs;
  static override flags = {
    ...nodesFlags,
    signal: Flags.string({ char: 's', summary: 'the signal, e.g. TERM', default: 'KILL', helpValue: 'SIGNAL' }),
  };

  async run(): Promise<{ clusters: readonly VerbView[] }> {
    const { args, flags } = await this.parse(Kill);
    const signal = parseSignal(flags.signal);
    return this.onEach(await this.chosen({ args, flags }, 'named'), (one) => killNodes(this.machine, one, signal));
  }
}
