import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { nodesFlags } from '../cli/arguments.js';
import { outcomesText } from '../cli/outcomes.js';
import { parseOption } from '../cli/values.js';
import { VerbCommand } from '../cli/verb-command.js';
import { parseDuration } from '../cluster/duration.js';
import { namesOf } from '../lifecycle/choose.js';
import { setOptions, type SetView } from '../lifecycle/change/set.js';

export default class Set extends VerbCommand {
  static override summary = 'change options of servers that live, and keep them';
  static override description = `Checked as -c of create is, and by the server's own program; then saved with the nodes and in their configuration, and told to the servers (SET GLOBAL, setParameter). What a server takes at its start only is told, and the exit code is 0 all the same: --rolling restarts those that need it, one at a time, the primary last. It is kept over restart, start and a reboot; 'reset' takes it back.
key= takes back what was given: the value is what dbns or the server has else. A value that the server refuses changes nothing (exit 2).`;
  static override examples = [
    '<%= config.bin %> set pxc max_connections=500',
    '<%= config.bin %> set replication node2 node3 innodb_log_file_size=64M --rolling',
    '<%= config.bin %> set replication --role replica slave_parallel_threads=4',
    '<%= config.bin %> set pxc max_connections=',
    '<%= config.bin %> set pxc --unset max_connections',
  ];
  static override args = {
    names: Args.string({
      description:
        'name of the cluster (the only one when absent), names of nodes (all when absent), key=value of options',
      ignoreStdin: true,
      multiple: true,
    }),
  };
  static override flags = {
    ...nodesFlags,
    unset: Flags.string({
      summary: 'an option that is taken back (repeatable)',
      helpValue: 'KEY',
      multiple: true,
      multipleNonGreedy: true,
    }),
    rolling: Flags.boolean({ summary: 'restart the nodes that take it at their start only, one at a time' }),
    timeout: Flags.string({
      summary: 'how long a node may take to stop, and to start, with --rolling',
      default: '2m',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<{ clusters: readonly SetView[] }> {
    const { args, flags } = await this.parse(Set);
    const words = args.names ?? [];
    const names = words.filter((text) => !text.includes('='));
    const given = words.filter((text) => text.includes('=')).map(parseOption);
    const isTakenBack = ({ value }: { readonly value: string | null }) => value === '' || value === null;
    const request = {
      set: given.filter((option) => !isTakenBack(option)),
      unset: [...given.filter(isTakenBack).map(({ key }) => key), ...(flags.unset ?? [])],
    };
    const options = { timeout: parseDuration(flags.timeout), rolling: flags.rolling };
    const context = this.interruptible();
    const { role, group, all } = flags;
    const chosen = await this.chosen({ args: { names }, flags: { role, group, all } }, 'always');
    const clusters: SetView[] = [];
    for (const one of chosen)
      clusters.push(await setOptions(one.cluster.name, namesOf(one), request, options, context));
    this.log(outcomesText(clusters, false));
    return { clusters };
  }
}
