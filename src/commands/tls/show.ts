import { clusterArg } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { tlsText } from '../../cli/tls-text.js';
import { showTls, type TlsView } from '../../lifecycle/life/tls.js';

export default class TlsShow extends BaseCommand {
  static override summary = 'show the CA of a cluster, and the certificates of its nodes';
  static override description = 'It needs no root: everybody may read what servers are verified by.';
  static override examples = [
    '<%= config.bin %> tls show pxc',
    'mysql --ssl-mode=VERIFY_IDENTITY --ssl-ca=$(<%= config.bin %> tls show pxc --json | jq -r .ca.file) …',
  ];
  static override args = { cluster: clusterArg };

  async run(): Promise<TlsView> {
    const { args } = await this.parse(TlsShow);
    const view = await showTls(this.machine, args.cluster);
    this.log(tlsText(view));
    return view;
  }
}
