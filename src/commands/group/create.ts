import { CreateCommand, createArgs } from '../../cli/create-command.js';
import { groupFlags, groupSettings } from '../../cli/topologies/group.js';

export default class GroupCreate extends CreateCommand {
  static override summary = 'make a group of MySQL servers by Group Replication';
  static override description = `Every node is a server in its own network namespace with its own address and the ports 3306 and 33061.
Returns when every member is ONLINE and sees all the others, asked over its socket and at its address.`;
  static override examples = [
    '<%= config.bin %> group create',
    '<%= config.bin %> group create --nodes 5 --multi-primary',
    '<%= config.bin %> group create stack --communication-stack mysql -c group_replication_consistency=AFTER',
    '<%= config.bin %> group create --my-cnf production.cnf -c max_connections=500',
    '<%= config.bin %> group create --dry-run',
  ];
  static override args = createArgs;
  static override flags = groupFlags;

  async run() {
    const { args, flags } = await this.parse(GroupCreate);
    return this.createMysqlds('group', args.name, flags, groupSettings(flags));
  }
}
