import { nodesArgs, nodesFlags } from '../../cli/arguments.js';
import { faultText, lasts, lastsFlag } from '../../cli/faults.js';
import { VerbCommand } from '../../cli/verb-command.js';
import { cutEach } from '../../lifecycle/faults/cut.js';
import type { FaultView } from '../../lifecycle/view.js';

export default class FaultCut extends VerbCommand {
  static override summary = "pull nodes' cables: their links have no carrier";
  static override description =
    'The address stays, and nothing goes in or out, from the machine neither. Programs inside can see that the carrier is gone.';
  static override examples = [
    '<%= config.bin %> fault cut pxc node1',
    '<%= config.bin %> fault cut replication --role primary --for 10s',
  ];
  static override args = nodesArgs;
  static override flags = { ...nodesFlags, ...lastsFlag };

  async run(): Promise<{ faults: readonly FaultView[] }> {
    const { args, flags } = await this.parse(FaultCut);
    const chosen = await this.chosen({ args, flags }, 'named');
    const faults = await cutEach(chosen, lasts(flags), this.interruptible());
    this.log(faults.map(faultText).join('\n'));
    return { faults };
  }
}
