import { StandbyCommand, standbyDescription } from '../../../cli/standby-command.js';
import { standbyFlags } from '../../../cli/standby.js';
import { pxcFlags, pxcSettings } from '../../../cli/topologies/pxc.js';

export default class StandbyStartPxc extends StandbyCommand {
  static override summary = 'keep Galera clusters formed and ready for the next create of the same words';
  static override description = standbyDescription;
  static override examples = [
    '<%= config.bin %> standby start pxc --nodes 3',
    '<%= config.bin %> standby start pxc --nodes 3 --ready 2 && <%= config.bin %> pxc create --nodes 3',
  ];
  static override flags = standbyFlags(pxcFlags);

  async run() {
    const parsed = await this.parse(StandbyStartPxc);
    return this.standMysqlds('pxc', parsed, StandbyStartPxc.flags, pxcSettings(parsed.flags));
  }
}
