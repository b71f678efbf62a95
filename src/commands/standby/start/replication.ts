import { StandbyCommand, standbyDescription } from '../../../cli/standby-command.js';
import { standbyFlags } from '../../../cli/standby.js';
import { replicationFlags, replicationSettings } from '../../../cli/topologies/replication.js';

export default class StandbyStartReplication extends StandbyCommand {
  static override summary =
    'keep MySQL or MariaDB servers that replicate formed and ready for the next create of the same words';
  static override description = standbyDescription;
  static override examples = ['<%= config.bin %> standby start replication --nodes 2 --image mariadb:10.11'];
  static override flags = standbyFlags(replicationFlags);

  async run() {
    const parsed = await this.parse(StandbyStartReplication);
    return this.standMysqlds('replication', parsed, StandbyStartReplication.flags, replicationSettings(parsed.flags));
  }
}
