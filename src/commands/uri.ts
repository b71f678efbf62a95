import * as Flags from '@oclif/core/flags';
import { clusterArg, nodeArg, roleFlag } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { variablesOf } from '../cli/variables.js';
import { connectionTo, writeConnection, type Connection, type ConnectionForm } from '../lifecycle/reach/connect.js';

export default class Uri extends BaseCommand {
  static override summary = 'print how a program connects, with the password';
  static override description = `Without a node the servers are asked who takes writes now; nodes that do not answer are passed over, and named on stderr. A node that is named is taken as it is. The same URI works from the machine, from every node and from the node itself. It goes by address, not by name. This is the one command that prints the password.

Forms: uri; env (lines for a shell); json; jdbc (Java); dsn (Go); mycnf (a file of options for the servers' own clients: keep it at mode 0600); hosts (HOST:PORT of every node that serves, a line each).`;
  static override examples = [
    '<%= config.bin %> uri pxc',
    '<%= config.bin %> uri pxc node2',
    '<%= config.bin %> uri pxc proxy1 --port ro',
    '<%= config.bin %> uri pxc --ipv6',
    '<%= config.bin %> uri replication --role replica --database shop',
    'eval "$(<%= config.bin %> uri pxc --format env)" && ./my-application',
    '(umask 077; <%= config.bin %> uri pxc --format mycnf > my.cnf)',
    '<%= config.bin %> uri pxc --format hosts',
  ];
  static override args = {
    cluster: clusterArg,
    node: nodeArg,
  };
  static override flags = {
    format: Flags.option({
      options: ['uri', 'env', 'json', 'jdbc', 'dsn', 'mycnf', 'hosts'] as const,
      default: 'uri' as const,
    })({
      char: 'f',
      summary: 'how it is written',
    }),
    role: roleFlag,
    port: Flags.string({
      summary: "name of one of the node's or proxy's ports; client when absent, ro for a proxy's reads",
      helpValue: 'NAME',
    }),
    ipv6: Flags.boolean({ summary: 'by the IPv6 address, where the cluster was made with --ipv6' }),
    database: Flags.string({ char: 'd', summary: 'the database that the program begins with', helpValue: 'NAME' }),
  };

  async run(): Promise<Connection> {
    const { args, flags } = await this.parse(Uri);
    const { format, database, ipv6 } = flags;
    // All that serve are wanted, whether there is a primary now or not.
    const role = format === 'hosts' && args.node === undefined ? (flags.role ?? 'any') : flags.role;
    const heard = { machine: this.machine, observer: this.observer };
    const request = { cluster: args.cluster, node: args.node, port: flags.port, role, database, ipv6 };
    if (isForm(format)) {
      const { connection, text } = await writeConnection(heard, request, format);
      this.log(text);
      return connection;
    }
    const connection = await connectionTo(heard, request);
    this.log(TEXTS[format](connection));
    return connection;
  }
}

function isForm(format: string): format is ConnectionForm {
  return ['jdbc', 'dsn', 'mycnf'].includes(format);
}

const TEXTS: Readonly<Record<'uri' | 'env' | 'json' | 'hosts', (connection: Connection) => string>> = {
  uri: ({ uri }) => uri,
  env: (connection) =>
    Object.entries(variablesOf(connection))
      .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
      .join('\n'),
  json: (connection) => JSON.stringify(connection, null, 2),
  hosts: ({ hosts }) => hosts.join('\n'),
};
