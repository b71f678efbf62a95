import * as Flags from '@oclif/core/flags';
import { noWaitFlag, nodesArgs, nodesFlags } from '../cli/arguments.js';
import { VerbCommand, type VerbResult } from '../cli/verb-command.js';
import { withImages } from '../cli/with-images.js';
import { UsageError } from '../errors/errors.js';
import { parseDuration } from '../cluster/duration.js';
import { namesOf } from '../lifecycle/choose.js';
import { upgradeNodes } from '../lifecycle/change/upgrade.js';

export default class Upgrade extends VerbCommand {
  static override summary = 'give nodes a newer server on the same data, one at a time';
  static override description = `Replicas first, then a switchover, then the old primary; of Galera one node after the other; sets and groups with their primaries last. Each ends in order, starts with the new server, and does the server's own upgrade step (mariadb-upgrade; MySQL does it by itself); meanwhile the cluster has both versions, and clients that connect again go on. It is told before a node stops when it will have to take all data over (SST).
No server goes back in place (exit 2): the way back is a copy of the data from before, e.g. 'dump'. Cut short it is taken up again by the same words.`;
  static override examples = [
    '<%= config.bin %> upgrade replication --image mariadb:11.8',
    '<%= config.bin %> upgrade pxc node1 --image mariadb:11.8',
    '<%= config.bin %> upgrade pxc --image mariadb:11.8 --json | jq -r .clusters[].notes[]',
  ];
  static override args = nodesArgs;
  static override flags = {
    ...nodesFlags,
    ...noWaitFlag,
    image: Flags.string({
      char: 'i',
      summary: 'where the new servers come from: a pulled image, dir:/PATH, or host',
      helpValue: 'REF',
    }),
    timeout: Flags.string({
      summary: 'how long a node may take to stop, and to start',
      default: '5m',
      helpValue: 'DURATION',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'pull the image when it is not there, without asking', env: 'DBNS_YES' }),
  };

  async run(): Promise<VerbResult> {
    const { args, flags } = await this.parse(Upgrade);
    const { image, yes, role, group, all } = flags;
    if (image === undefined) throw new UsageError('To which server? Say its image: --image mariadb:11.8');
    const request = { image, timeout: parseDuration(flags.timeout) };
    const context = this.interruptible();
    const chosen = await this.chosen({ args, flags: { role, group, all } }, 'always');
    return this.onEach(
      chosen,
      (one) => withImages(context, yes, () => upgradeNodes(one.cluster.name, namesOf(one), request, context)),
      { table: true, noWait: flags['no-wait'] },
    );
  }
}
