import * as Flags from '@oclif/core/flags';
import { requiredWord, word } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { clusterTitle, nodeTable } from '../../cli/table.js';
import { parseDuration } from '../../cluster/duration.js';
import { withImages } from '../../cli/with-images.js';
import { createCompanion, type CompanionCreated } from '../../lifecycle/companions/create.js';

export default class ProxyCreate extends BaseCommand {
  static override summary = 'put a proxy in front of a cluster';
  static override description = `The proxy gets a namespace, an address and a row in 'status' like a node, and is stopped, started, killed, looked into and destroyed like one; but it is no member. It has a port for writes, and one for reads (ro): the first leads to whoever takes writes, the second to the healthy others. It follows promote, elections, add, remove and whatever happens to nodes: what counts is what the servers say, not an open port.
ProxySQL finds roles out by its own monitors, and has one port: SELECTs outside of transactions go to who serves reads, all else to the writer.
It returns when the right servers answer through it. Kinds: haproxy, proxysql, router.`;
  static override examples = [
    '<%= config.bin %> proxy create pxc',
    '<%= config.bin %> proxy create replication front --kind haproxy',
    '<%= config.bin %> proxy create pxc --kind proxysql --image dir:/opt/proxysql',
    'mysql "$(<%= config.bin %> uri pxc proxy1)"',
    '<%= config.bin %> uri pxc proxy1 --port ro',
    '<%= config.bin %> expose pxc proxy1',
  ];
  static override args = {
    cluster: requiredWord('name of the cluster'),
    name: word('name of the proxy; the first free of proxy1, proxy2 … when absent'),
  };
  static override flags = {
    kind: Flags.string({ char: 'k', summary: 'which program', default: 'haproxy', helpValue: 'KIND' }),
    image: Flags.string({
      char: 'i',
      summary: 'where it comes from; the usual one of its kind when absent',
      helpValue: 'REF',
    }),
    ip: Flags.string({ summary: "its address in the cluster's subnet; a free one when absent", helpValue: 'ADDRESS' }),
    zone: Flags.string({
      summary: "the zone of the cluster's network where it is to be; the first when absent",
      helpValue: 'ZONE',
    }),
    timeout: Flags.string({ summary: 'how long it may take until it is ready', default: '60s', helpValue: 'DURATION' }),
    yes: Flags.boolean({ char: 'y', summary: 'pull the image when it is not there, without asking', env: 'DBNS_YES' }),
  };

  async run(): Promise<CompanionCreated> {
    const { args, flags } = await this.parse(ProxyCreate);
    const { kind, image, ip: address, zone, yes } = flags;
    const request = { name: args.name, kind, image, address, zone, timeout: parseDuration(flags.timeout) };
    const context = this.interruptible();
    const created = await withImages(context, yes, () => createCompanion(args.cluster, request, context));
    this.log(`${clusterTitle(created.cluster)}\n${nodeTable(created.cluster)}`);
    return created;
  }
}
