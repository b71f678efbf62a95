import * as Flags from '@oclif/core/flags';
import { requiredWord, word } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { exposureText, exposureTarget, hostPortFlag } from '../cli/exposures.js';
import { exposedHost, type Exposure } from '../cluster/rules.js';
import { expose } from '../lifecycle/rules/expose.js';

export default class Expose extends BaseCommand {
  static override summary = 'let a port of the machine lead to a node or a proxy';
  static override description = `On 127.0.0.1, unless --bind says another address: then others than the machine get there too. The port is the one of the node unless --host-port says another; 0 picks a free one. With --role primary it leads to whoever takes writes, and follows about a second after a promote or an election; connections that stand stay where they are.
It stays until 'unexpose', or until the node or the cluster goes; a process of dbns, the keeper, holds the port meanwhile (see dbns status).`;
  static override examples = [
    '<%= config.bin %> expose pxc node1',
    '<%= config.bin %> expose pxc node2 --host-port 0',
    '<%= config.bin %> expose replication --role primary',
    '<%= config.bin %> expose pxc proxy1:ro --host-port 3307',
    '<%= config.bin %> expose pxc node1 --bind 0.0.0.0',
  ];
  static override args = {
    cluster: requiredWord('name of the cluster'),
    host: word('name of the node or proxy, and perhaps a port there: node1, node1:3306, proxy1:ro'),
  };
  static override flags = {
    role: Flags.option({ options: ['primary'] as const })({ summary: 'instead of a node: whoever takes writes' }),
    'host-port': hostPortFlag,
    bind: Flags.string({
      summary: "the machine's address, 0.0.0.0 for all of them",
      default: '127.0.0.1',
      helpValue: 'ADDRESS',
    }),
  };

  async run(): Promise<{ exposure: Exposure }> {
    const { args, flags } = await this.parse(Expose);
    const { bind, 'host-port': hostPort } = flags;
    const { to, port } = exposureTarget(args.host, flags.role);
    const exposure = await expose(this.machine, { cluster: args.cluster, to, port, hostPort, bind });
    this.log(exposureText(exposure, exposedHost(exposure)));
    return { exposure };
  }
}
