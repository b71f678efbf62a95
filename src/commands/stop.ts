import * as Flags from '@oclif/core/flags';
import { noWaitFlag, nodesArgs, nodesFlags } from '../cli/arguments.js';
import { parseDuration } from '../cluster/duration.js';
import { VerbCommand, type VerbResult } from '../cli/verb-command.js';
import { namesOf } from '../lifecycle/choose.js';
import { stopNodes } from '../lifecycle/running/stop.js';

export default class Stop extends VerbCommand {
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
    ...noWaitFlag,
    timeout: Flags.string({
      summary: 'how long a node may take before its server is killed, e.g. 10s',
      default: '60s',
      helpValue: 'DURATION',
    }),
  };

  async run(): Promise<VerbResult> {
    const { args, flags } = await this.parse(Stop);
    const options = { timeout: parseDuration(flags.timeout) };
    const context = this.interruptible();
    const chosen = await this.chosen({ args, flags }, 'always');
    return this.onEach(chosen, (one) => stopNodes(one.cluster.name, namesOf(one), options, context), {
      noWait: flags['no-wait'],
    });
  }
}
