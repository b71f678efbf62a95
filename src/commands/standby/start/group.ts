import { StandbyCommand, standbyDescription } from '../../../cli/standby-command.js';
import { standbyFlags } from '../../../cli/standby.js';
import { groupFlags, groupSettings } from '../../../cli/topologies/group.js';

export default class StandbyStartGroup extends StandbyCommand {
  static override summary = 'keep groups of MySQL servers formed and ready for the next create of the same words';
  static override description = standbyDescription;
  static override examples = ['<%= config.bin %> standby start group --ready 2'];
  static override flags = standbyFlags(groupFlags);

  async run() {
    const parsed = await this.parse(StandbyStartGroup);
    return this.standMysqlds('group', parsed, StandbyStartGroup.flags, groupSettings(parsed.flags));
  }
}
