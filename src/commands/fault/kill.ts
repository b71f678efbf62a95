import { nodesArgs, nodesFlags } from '../../cli/arguments.js';
import { faultText, lasts, lastsFlag } from '../../cli/faults.js';
import { VerbCommand } from '../../cli/verb-command.js';
import { harmEach } from '../../lifecycle/faults/harm.js';
import type { FaultView } from '../../lifecycle/view.js';

export default class FaultKill extends VerbCommand {
  static override summary = "kill nodes' servers, so that 'heal' starts them again";
  static override description =
    'As `kill` does, and with an id: with --for they are started again when the time is up.';
  static override examples = [
    '<%= config.bin %> fault kill pxc node1 --for 10s',
    '<%= config.bin %> fault kill replication --role primary',
  ];
  static override args = nodesArgs;
  static override flags = { ...nodesFlags, ...lastsFlag };

  async run(): Promise<{ faults: readonly FaultView[] }> {
    const { args, flags } = await this.parse(FaultKill);
    const chosen = await this.chosen({ args, flags }, 'named');
    const faults = await harmEach('kill', chosen, lasts(flags), this.interruptible());
    this.log(faults.map(faultText).join('\n'));
    return { faults };
  }
}
