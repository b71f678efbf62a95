import * as Flags from '@oclif/core/flags';
import { clusterArg, isMany, nodeArg, nodesFlags } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { afterDashes } from '../cli/after-dashes.js';
import { around } from '../cli/environment.js';
import { printNodeLines } from '../cli/node-lines.js';
import { parseRole } from '../cli/values.js';
import { UsageError } from '../errors/errors.js';
import { clientOnNodes, openClient } from '../lifecycle/reach/client.js';

export default class Client extends BaseCommand {
  static override summary = "open the image's own client on a node, or run statements on many";
  static override description = `As the account 'dbns', over the node's socket, with no password to type. Without a node the servers are asked who takes writes now; nodes that do not answer are passed over, and named on stderr. What stands after -- goes to the client; its streams and its exit code are passed on. The working directory is visible inside.
With -e and many nodes (several names, --role, --group, --zone, --all) the statements run on all of them at once, each line comes behind its node's name, and the exit code is the worst, which is the highest. --role is that of the nodes then, as 'status' shows it; without -e it looks for one node.
Neither variables like MYSQL_HOST nor option files (~/.my.cnf, login paths, ~/.mongoshrc.js) lead it elsewhere; text is UTF-8 whatever the locale is.`;
  static override examples = [
    '<%= config.bin %> client pxc',
    '<%= config.bin %> client pxc node2 -e "SHOW STATUS LIKE \'wsrep%\'"',
    '<%= config.bin %> client replication --role replica',
    '<%= config.bin %> client pxc < dump.sql',
    '<%= config.bin %> client pxc --all -e "SELECT @@read_only"',
    '<%= config.bin %> client replication --role replica -e "SHOW REPLICA STATUS" -- --vertical',
    '<%= config.bin %> client pxc proxy1 --admin -- -e "SELECT * FROM runtime_mysql_servers"',
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = {
    cluster: clusterArg,
    node: nodeArg,
  };
  static override flags = {
    execute: Flags.string({ char: 'e', summary: 'run statements and end', helpValue: 'STATEMENTS' }),
    ...nodesFlags,
    role: Flags.string({
      summary:
        'primary: one that takes writes (the default). replica: one that serves reads. any: either, writes first. With -e: all nodes of a role',
      helpValue: 'primary|replica|any|ROLE',
    }),
    admin: Flags.boolean({ summary: 'at the admin interface of the proxy that is named (ProxySQL)' }),
  };

  async run(): Promise<void> {
    const { before, after } = afterDashes(this.argv);
    const {
      argv,
      flags: { execute: statement, admin, ...flags },
    } = await this.parse(Client, [...before]);
    const names = argv.map(String);
    const client = { statement, words: after, ...around() };
    if (statement !== undefined && isMany(flags, names)) {
      if (admin) throw new UsageError('--admin is the admin interface of one proxy: name it alone.');
      const choice = { ...flags, words: names };
      process.exitCode = await clientOnNodes(this.machine, choice, { ...client, statement }, printNodeLines());
      return;
    }
    const { role, ...others } = flags;
    if (isMany(others, names)) throw new UsageError("Many nodes take statements: say which, -e 'SELECT 1'.");
    const [cluster, node] = names;
    process.exitCode = await openClient(
      { machine: this.machine, observer: this.observer },
      { ...client, cluster, door: { node, role: role === undefined ? undefined : parseRole(role) }, admin },
    );
  }
}
