import * as Flags from '@oclif/core/flags';
import { CreateCommand, createArgs, mysqldFlags } from '../../cli/create-command.js';
import { byNode, delaysByNode } from '../../cli/values.js';

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
  static override flags = {
    ...mysqldFlags,
    shape: Flags.string({
      summary: 'who replicates from whom',
      options: ['star', 'chain', 'ring', 'fan-in', 'all-masters'],
      default: 'star',
    }),
    gtid: Flags.boolean({
      summary: 'go by global transaction identifiers; --no-gtid: by file and position',
      default: true,
      allowNo: true,
    }),
    'semi-sync': Flags.boolean({ summary: 'commits wait until one replica has received them' }),
    delay: Flags.string({
      summary: 'let a replica apply that much later, e.g. node3=60s (repeatable)',
      helpValue: 'NODE=DURATION',
      multiple: true,
      multipleNonGreedy: true,
    }),
    filter: Flags.string({
      summary:
        'let a replica apply these tables alone, e.g. node2=db1.% (repeatable); who replicates from it gets no more',
      helpValue: 'NODE=DB.TABLE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'parallel-workers': Flags.integer({
      summary: "threads that apply on each replica; the server's default when absent",
    }),
  };

  async run() {
    const { args, flags } = await this.parse(ReplicationCreate);
    const filters = byNode('--filter', flags.filter ?? []);
    return this.createMysqlds('replication', args.name, flags, {
      shape: flags.shape,
      gtid: flags.gtid,
      semiSync: flags['semi-sync'],
      workers: flags['parallel-workers'] ?? null,
      delays: delaysByNode(flags.delay ?? []),
      filters: Object.fromEntries(
        filters.map(([node]) => [node, filters.filter(([other]) => other === node).map(([, pattern]) => pattern)]),
      ),
    });
  }
}
