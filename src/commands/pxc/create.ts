import { CreateCommand, createArgs } from '../../cli/create-command.js';
import { pxcFlags, pxcSettings } from '../../cli/topologies/pxc.js';

export default class PxcCreate extends CreateCommand {
  static override summary = 'make a Percona XtraDB Cluster or MariaDB Galera cluster';
  static override description = `Every node is a server in its own network namespace with its own address and the ports 3306, 4567, 4568 and 4444.
Returns when every node is Synced and sees all the others, asked over its socket and at its address.`;
  static override examples = [
    '<%= config.bin %> pxc create --nodes 4',
    '<%= config.bin %> pxc create east --nodes 3 --subnet 10.50.0.0/24 --image mariadb:11.8',
    '<%= config.bin %> pxc create --subnet 10.50.0.0/24 --ip node1=10.50.0.10 --ip node2=10.50.0.11',
    '<%= config.bin %> pxc create -c max_connections=500 -c "wsrep_provider_options=gcs.fc_limit=64"',
    'address=$(<%= config.bin %> pxc create ci --yes --json | jq -r .nodes[0].address)',
    '<%= config.bin %> pxc create --my-cnf production.cnf -c max_connections=500',
    '<%= config.bin %> pxc create --sst mariabackup',
    '<%= config.bin %> pxc create --image mariadb:10.11 --image node3=mariadb:11.8',
    '<%= config.bin %> pxc create --dry-run',
  ];
  static override args = createArgs;
  static override flags = pxcFlags;

  async run() {
    const { args, flags } = await this.parse(PxcCreate);
    return this.createMysqlds('pxc', args.name, flags, pxcSettings(flags));
  }
}
