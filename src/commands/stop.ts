import * as Flags from '@oclif/core/flags';
import { nodesArgs, nodesFlags, typedWords } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { outcomesText } from '../cli/outcomes.js';
import { parseDuration } from '../cli/values.js';
import { choose, namesOf } from '../lifecycle/choose.js';
import { stopNodes } from '../lifecycle/life/stop.js';
import type { VerbView } from '../lifecycle/life/verb.js';

export default class Stop extends BaseCommand {
  static override summary = "end nodes' servers in order, and nothing else";
  static override description = `Servers end as they would by themselves, in the order of their topology: replicas before their source, secondaries before the primary. Namespaces, links, addresses, rules and data stay: 'start' brings the servers back.
A stopped node makes no other unhealthy. Without nodes all of the cluster are meant.`;
  static override examples = [
    '<%= config.bin %> stop pxc',
    '<%= config.bin %> stop pxc node2 node3',
    '<%= config.bin %> stop replication --role replica',
    '<%= config.bin %> stop --all',
  ];
  static override args = nodesArgs;
  static override flags = {
    ...nodesFlags,
    timeout: Flags.string({
      summary: 'how long a node may take before its server is killed, e.g. 10s',
      default: '60s',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<{ clusters: readonly VerbView[] }> {
    const { args, flags } = await this.parse(Stop);
    const options = { timeout: parseDuration(flags.timeout) };
    const clusters: VerbView[] = [];
    const context = this.interruptible();
    for (const chosen of await choose(this.machine, { words: typedWords(args), ...flags }, 'always'))
      clusters.push(await stopNodes(chosen.cluster.name, namesOf(chosen), options, context));
    this.log(outcomesText(clusters));
    return { clusters };
  }
}
