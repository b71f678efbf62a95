import { nodesArgs, nodesFlags } from '../../cli/arguments.js';
import { faultText, lasts, lastsFlag } from '../../cli/faults.js';
import { VerbCommand } from '../../cli/verb-command.js';
import { harmEach } from '../../lifecycle/faults/harm.js';
import type { FaultView } from '../../lifecycle/view.js';

export default class FaultPause extends VerbCommand {
  static override summary = "pause nodes' servers, so that 'heal' lets them go on";
  static override description =
    'As `pause` does, and with an id: connections stay open, and nobody answers. With --for they go on when the time is up.';
  static override examples = [
    '<%= config.bin %> fault pause pxc node1 --for 10s',
    '<%= config.bin %> fault pause replication --role primary',
  ];
  static override args = nodesArgs;
  static override flags = { ...nodesFlags, ...lastsFlag };

  async run(): Promise<{ faults: readonly FaultView[] }> {
    const { args, flags } = await this.parse(FaultPause);
    const chosen = await this.chosen({ args, flags }, 'named');
    const faults = await harmEach('pause', chosen, lasts(flags), this.interruptible());
    this.log(faults.map(faultText).join('\n'));
    return { faults };
  }
}
