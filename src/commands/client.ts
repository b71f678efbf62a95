import * as Flags from '@oclif/core/flags';
import { clusterArg, nodeArg, roleFlag } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { afterDashes } from '../cli/after-dashes.js';
import { workingDirectory } from '../cli/environment.js';
import { openClient } from '../lifecycle/reach/connect.js';

export default class Client extends BaseCommand {
  static override summary = "open the image's own client on a node";
  static override description = `As the account 'dbns', over the node's socket, with no password to type. Without a node the servers are asked who takes writes now; nodes that do not answer are passed over, and named on stderr. What stands after -- goes to the client; its streams and its exit code are passed on. The working directory is visible inside.
Neither variables like MYSQL_HOST nor option files (~/.my.cnf, login paths, ~/.mongoshrc.js) lead it elsewhere; text is UTF-8 whatever the locale is.`;
  static override examples = [
    '<%= config.bin %> client pxc',
    '<%= config.bin %> client pxc node2 -- -e "SHOW STATUS LIKE \'wsrep%\'"',
    '<%= config.bin %> client replication --role replica',
    '<%= config.bin %> client pxc < dump.sql',
    '<%= config.bin %> client pxc proxy1 --admin -- -e "SELECT * FROM runtime_mysql_servers"',
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = {
    cluster: clusterArg,
    node: nodeArg,
  };
  static override flags = {
    role: roleFlag,
    admin: Flags.boolean({ summary: 'at the admin interface of the proxy that is named (ProxySQL)' }),
  };

  async run(): Promise<void> {
    const { before, after } = afterDashes(this.argv);
    const { args, flags } = await this.parse(Client, [...before]);
    process.exitCode = await openClient(
      { machine: this.machine, observer: this.observer },
      {
        cluster: args.cluster,
        door: { node: args.node, role: flags.role },
        admin: flags.admin,
        words: after,
        workingDirectory: workingDirectory(),
        environment: process.env,
      },
    );
  }
}
