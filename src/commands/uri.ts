import * as Flags from '@oclif/core/flags';
import { clusterArg, nodeArg } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { connectionTo, type Connection } from '../lifecycle/reach/connect.js';

export default class Uri extends BaseCommand {
  static override summary = 'print how a program connects, with the password';
  static override description = `The same URI works from the machine, from every node and from the node itself. It goes by address, not by name. This is the one command that prints the password.`;
  static override examples = [
    '<%= config.bin %> uri pxc',
    '<%= config.bin %> uri pxc node2',
    'eval "$(<%= config.bin %> uri pxc --format env)" && ./my-application',
  ];
  static override args = {
    cluster: clusterArg,
    node: nodeArg,
  };
  static override flags = {
    format: Flags.option({ options: ['uri', 'env', 'json'] as const, default: 'uri' as const })({
      char: 'f',
      summary: 'a URI, lines for a shell, or JSON',
    }),
  };

  async run(): Promise<Connection> {
    const { args, flags } = await this.parse(Uri);
    const connection = await connectionTo(this.machine, args.cluster, args.node);
    this.log(FORMATS[flags.format](connection));
    return connection;
  }
}

const FORMATS: Readonly<Record<'uri' | 'env' | 'json', (connection: Connection) => string>> = {
  uri: ({ uri }) => uri,
  env: ({ uri, host, port, user, password, env }) => {
    const all = {
      DBNS_URI: uri,
      DBNS_HOST: host,
      DBNS_PORT: String(port),
      DBNS_USER: user,
      DBNS_PASSWORD: password,
      ...env,
    };
    return Object.entries(all)
      .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
      .join('\n');
  },
  json: (connection) => JSON.stringify(connection, null, 2),
};
