import * as Flags from '@oclif/core/flags';
import { clusterArg } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { tlsText } from '../../cli/tls-text.js';
import { rotateTls, type TlsView } from '../../lifecycle/life/tls.js';

export default class TlsRotate extends BaseCommand {
  static override summary = 'give the servers of a cluster new certificates';
  static override description = `Servers that run take them at once, without a restart; connections that are open go on with the old ones.
With --ca they are of a new CA, in the same file: whoever has read the old one verifies nobody any more.`;
  static override examples = ['<%= config.bin %> tls rotate pxc', '<%= config.bin %> tls rotate pxc --ca'];
  static override args = { cluster: clusterArg };
  static override flags = { ca: Flags.boolean({ summary: 'make a new CA too' }) };

  async run(): Promise<TlsView> {
    const { args, flags } = await this.parse(TlsRotate);
    const view = await rotateTls(args.cluster, flags.ca, this.interruptible());
    this.log(tlsText(view));
    return view;
  }
}
