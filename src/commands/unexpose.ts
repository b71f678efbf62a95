import * as Flags from '@oclif/core/flags';
import { requiredWord, word } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { exposureTarget, exposureText, hostPortFlag } from '../cli/exposures.js';
import { exposedHost, type Exposure } from '../cluster/rules.js';
import { UsageError } from '../errors/errors.js';
import { unexpose } from '../lifecycle/rules/expose.js';

export default class Unexpose extends BaseCommand {
  static override summary = 'end what expose began';
  static override description =
    'All that are as said: of a node, of one of its ports, of a role, at a port of the machine; --all is all of the cluster.';
  static override examples = [
    '<%= config.bin %> unexpose pxc node1',
    '<%= config.bin %> unexpose pxc --host-port 3307',
    '<%= config.bin %> unexpose pxc --all',
  ];
  static override args = {
    cluster: requiredWord('name of the cluster'),
    host: word('name of the node or proxy, and perhaps a port there'),
  };
  static override flags = {
    role: Flags.option({ options: ['primary'] as const })({ summary: 'what leads to whoever takes writes' }),
    'host-port': hostPortFlag,
    all: Flags.boolean({ char: 'a', summary: 'all of the cluster' }),
  };

  async run(): Promise<{ ended: readonly Exposure[] }> {
    const { args, flags } = await this.parse(Unexpose);
    const { 'host-port': hostPort, role, all } = flags;
    const isNamed = args.host !== undefined || role !== undefined;
    if (!isNamed && hostPort === undefined && !all) throw new UsageError('Which? Name a node, --host-port, or --all.');
    const target = isNamed ? exposureTarget(args.host, role) : {};
    const ended = await unexpose(this.machine, { cluster: args.cluster, ...target, hostPort });
    for (const exposure of ended) this.log(`No more: ${exposureText(exposure, exposedHost(exposure))}`);
    return { ended };
  }
}
