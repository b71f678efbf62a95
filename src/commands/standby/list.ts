import { BaseCommand } from '../../cli/base-command.js';
import { standbyText } from '../../cli/standby.js';
import { listStandbys, type StandbyView } from '../../lifecycle/standbys.js';

export default class StandbyList extends BaseCommand {
  static override summary = 'what stands by, for which create, and what memory that takes';
  static override description =
    "Asks no server and needs no root, which alone sees their memory. A standby is no cluster of anybody's yet: 'dbns list' and 'dbns status' do not have it.";
  static override examples = [
    '<%= config.bin %> standby list',
    '<%= config.bin %> standby list --json | jq -r .standbys[].state',
  ];

  async run(): Promise<{ standbys: readonly StandbyView[] }> {
    await this.parse(StandbyList);
    const standbys = await listStandbys(this.machine);
    this.log(standbys.length === 0 ? 'Nothing stands by.' : standbyText(standbys));
    return { standbys };
  }
}
