import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { requiredWord } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { parseDuration } from '../cluster/duration.js';
import { load, type LoadView } from '../lifecycle/data/load.js';

export default class Load extends BaseCommand {
  static override summary = 'load files into a cluster: SQL, a directory of mydumper, an archive of mongodump';
  static override description = `SQL goes through the image's own client at a node that takes writes; DELIMITER works. gzip and zstd are unpacked, whatever a file is called; - is stdin. It returns when all nodes that run have applied it.
A statement that the server refuses ends it (exit 2), with FILE:LINE and the server's words. What was loaded before stays, also after Ctrl-C.
What a dump says of the server that it is of (GTID_PURGED, SQL_LOG_BIN = 0, CHANGE MASTER) is left out, and told. A directory is mydumper's, and needs the machine's myloader; MongoDB's archives need mongorestore.`;
  static override examples = [
    '<%= config.bin %> load pxc schema.sql rows.sql.gz',
    'mysqldump --databases shop | <%= config.bin %> load replication -',
    '<%= config.bin %> load group rows.sql --database shop --no-wait',
    '<%= config.bin %> dump old | <%= config.bin %> load new -',
  ];
  static override args = {
    cluster: requiredWord('name of the cluster'),
    files: Args.string({
      description: 'files, loaded one after another; - is stdin',
      ignoreStdin: true,
      multiple: true,
    }),
  };
  static override flags = {
    node: Flags.string({
      summary: 'at this node, which must take writes; one that does when absent',
      helpValue: 'NODE',
    }),
    database: Flags.string({
      char: 'd',
      summary: 'where statements go that do not say it; of an archive, what alone is taken',
      helpValue: 'NAME',
    }),
    wait: Flags.boolean({ summary: 'return when all nodes that run have it', default: true, allowNo: true }),
    timeout: Flags.string({ summary: 'how long they may take to have it, e.g. 30s or 5m', default: '10m' }),
  };

  async run(): Promise<LoadView> {
    const { args, flags } = await this.parse(Load);
    const { node, database, wait } = flags;
    const request = { cluster: args.cluster, files: args.files ?? [], stdin: process.stdin, node, database, wait };
    const view = await load({ ...request, timeout: parseDuration(flags.timeout) }, this.interruptible());
    this.log(textOf(view));
    return view;
  }
}

function textOf({ node, files, nodes }: LoadView): string {
  const what = files.map(({ name }) => name).join(', ');
  const have = nodes === null ? '' : ` ${nodes.join(', ')} ${nodes.length === 1 ? 'has' : 'have'} it.`;
  return `Loaded at ${node}: ${what}.${have}`;
}
