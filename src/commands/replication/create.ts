import { CreateCommand, createArgs } from '../../cli/create-command.js';
import { replicationFlags, replicationSettings } from '../../cli/topologies/replication.js';

export default class ReplicationCreate extends CreateCommand {
  static override summary = 'make a cluster of MySQL or MariaDB servers that replicate';
  static override description = `Every node is a server in its own network namespace with its own address and the port 3306.
Returns when every replica's receiver and applier run, and a transaction of every primary has arrived at each of its replicas.`;
  static override examples = [
    '<%= config.bin %> replication create',
    '<%= config.bin %> replication create old --image mariadb:10.11 --image node3=mariadb:11.8',
    '<%= config.bin %> replication create --shape chain --nodes 4 --semi-sync',
    '<%= config.bin %> replication create --delay node3=1h --filter node2=shop.%',
    '<%= config.bin %> replication create --my-cnf production.cnf -c max_connections=500',
    '<%= config.bin %> replication create --dry-run',
  ];
  static override args = createArgs;
  static override flags = replicationFlags;

  async run() {
    const { args, flags } = await this.parse(ReplicationCreate);
    return this.createMysqlds('replication', args.name, flags, replicationSettings(flags));
  }
}
