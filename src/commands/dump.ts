import * as Flags from '@oclif/core/flags';
import { clusterArg } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { callersIds } from '../cli/environment.js';
import { UsageError } from '../errors/errors.js';
import { dump, type DumpView } from '../lifecycle/data/dump.js';

export default class Dump extends BaseCommand {
  static override summary = "dump a cluster's databases, in a form that 'dbns load' takes";
  static override description = `By the image's own mysqldump or mariadb-dump, as of one moment, with routines, triggers and events; without the servers' own databases, and without accounts. Of a node that has all data, rather one that takes no writes: it has caught up before.
To stdout, or to a FILE that is there whole or not at all, for you alone (0600; under sudo it belongs to who called), packed where it ends in .gz or .zst.`;
  static override examples = [
    '<%= config.bin %> dump pxc > all.sql',
    '<%= config.bin %> dump replication --database shop -o shop.sql.gz',
    '<%= config.bin %> dump old | <%= config.bin %> load new -',
    '<%= config.bin %> dump mongo -o all.archive',
  ];
  static override args = { cluster: clusterArg };
  static override flags = {
    database: Flags.string({
      char: 'd',
      summary: 'a database; all that users made when absent (repeatable)',
      helpValue: 'NAME',
      multiple: true,
      multipleNonGreedy: true,
    }),
    output: Flags.string({ char: 'o', summary: 'the file that it goes to; stdout when absent', helpValue: 'FILE' }),
    node: Flags.string({ summary: 'of this node, as it is; one that has all data when absent', helpValue: 'NODE' }),
  };

  async run(): Promise<DumpView> {
    const { args, flags } = await this.parse(Dump);
    const { output, node, database = [] } = flags;
    if (output === undefined && this.jsonEnabled()) {
      throw new UsageError('--json tells what was written where, and stdout has the dump: say -o FILE.');
    }
    const to = output === undefined ? process.stdout : { path: output, owner: callersIds() };
    const view = await dump({ cluster: args.cluster, node, databases: database, to }, this.interruptible());
    if (view.file !== null) this.log(`Dumped ${view.databases.join(', ')} of ${view.node}: ${view.file}`);
    return view;
  }
}
