import { RunCommand, runDescription, runFlags } from '../../cli/run-command.js';
import { replicationFlags, replicationSettings } from '../../cli/topologies/replication.js';

export default class RunReplication extends RunCommand {
  static override summary =
    'run a command with MySQL or MariaDB servers that replicate, made for it and destroyed after it';
  static override description = runDescription;
  static override examples = [
    '<%= config.bin %> run replication --nodes 2 --image mariadb:10.11 -- pytest',
    "<%= config.bin %> run replication -- sh -c 'mariadb -h $DBNS_HOST -u $DBNS_USER -p$DBNS_PASSWORD'",
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override flags = { ...replicationFlags, ...runFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(RunReplication, this.before);
    await this.runMysqlds('replication', flags, replicationSettings(flags));
  }
}
