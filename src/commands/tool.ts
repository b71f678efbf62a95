import { clusterArg, nodeArg, roleFlag } from '../cli/arguments.js';
import { afterDashes } from '../cli/after-dashes.js';
import { BaseCommand } from '../cli/base-command.js';
import { around } from '../cli/environment.js';
import { runTool } from '../lifecycle/reach/tool.js';

export default class Tool extends BaseCommand {
  static override summary = "run a program of a node's image, connected to the node";
  static override description = `Any program that the image has (mariadb-dump, mysqldump, mysqladmin, mysqlbinlog, mariadb-backup, mongodump …), as the account 'dbns' with no password to type, in the working directory. Streams, signals and the exit code are passed on. Without a node the servers are asked who takes writes now.
The node's directory is there to be read. A program that is not in the image ends with 127.`;
  static override examples = [
    '<%= config.bin %> tool pxc -- mariadb-dump shop > dump.sql',
    '<%= config.bin %> tool replication node2 -- mysqladmin processlist',
    '<%= config.bin %> tool replication --role replica -- mysqldump --all-databases | gzip > all.sql.gz',
    '<%= config.bin %> tool replication node1 -- mysqlbinlog --read-from-remote-server binlog.000002',
    '<%= config.bin %> tool pxc node1 -- mariadb-backup --backup --target-dir=backup',
  ];
  static override enableJsonFlag = false;
  static override args = { cluster: clusterArg, node: nodeArg };
  static override flags = { role: roleFlag };

  async run(): Promise<void> {
    const { before, after } = afterDashes(this.argv);
    const { args, flags } = await this.parse(Tool, [...before]);
    process.exitCode = await runTool(
      { machine: this.machine, observer: this.observer },
      { cluster: args.cluster, door: { node: args.node, role: flags.role }, words: after, ...around() },
    );
  }
}
