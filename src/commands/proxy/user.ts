import { requiredWord } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { readSecret } from '../../cli/secret.js';
import { addProxyUser } from '../../lifecycle/companions/user.js';

export default class ProxyUser extends BaseCommand {
  static override summary = 'make an account of the servers known to a proxy';
  static override description = `For ProxySQL, which answers logins itself: clients can come by way of it as an account that the servers have, with the password that it has there. The password is asked for on a terminal, and otherwise read from stdin; it is never an argument.
The account is tried by way of the proxy, and kept when the servers let it in. One that the proxy knows already gets the new password.`;
  static override examples = [
    '<%= config.bin %> proxy user pxc proxy1 app',
    '<%= config.bin %> proxy user pxc proxy1 app < password.txt',
  ];
  static override args = {
    cluster: requiredWord('name of the cluster'),
    proxy: requiredWord('name of the proxy'),
    name: requiredWord('name of the account'),
  };

  async run(): Promise<{ cluster: string; proxy: string; user: string }> {
    const { args } = await this.parse(ProxyUser);
    const { cluster, proxy, name } = args;
    const password = await readSecret(`Password of '${name}' on the servers of '${cluster}': `);
    await addProxyUser(cluster, proxy, { name, password }, { machine: this.machine });
    this.log(`${proxy} knows '${name}'.`);
    return { cluster, proxy, user: name };
  }
}
