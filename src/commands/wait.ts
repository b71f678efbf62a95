import * as Flags from '@oclif/core/flags';
import { nodesArgs, nodesFlags } from '../cli/arguments.js';
import { clusterTitle, nodeTable } from '../cli/table.js';
import { parseDuration } from '../cluster/duration.js';
import { VerbCommand } from '../cli/verb-command.js';
import { namesOf } from '../lifecycle/choose.js';
import { CONDITIONS, conditionOf } from '../lifecycle/life/condition.js';
import { waitFor } from '../lifecycle/life/wait.js';
import type { ClusterView } from '../lifecycle/view.js';

export default class Wait extends VerbCommand {
  static override summary = 'wait until nodes are ready, or are what else you wait for';
  static override description = `The servers are asked again and again. When the time is over: exit 6, with what was amiss last.
ready: healthy, as status says. synced: healthy, and nothing is missing of what the source has. primary: one of them is a healthy primary. role=replica: all have that role. size=4: so many of them are healthy. lag=1s: healthy, and no later than that. stopped, dead: their servers are.
Without nodes those that are wanted running are meant.`;
  static override examples = [
    '<%= config.bin %> wait pxc',
    '<%= config.bin %> wait group --for primary --timeout 10s',
    '<%= config.bin %> wait replication node3 --for lag=1s',
    '<%= config.bin %> wait pxc --for size=2',
  ];
  static override args = nodesArgs;
  static override flags = {
    ...nodesFlags,
    for: Flags.string({ summary: CONDITIONS, default: 'ready', helpValue: 'CONDITION' }),
    timeout: Flags.string({ summary: 'how long to wait at most', default: '30s', helpValue: 'DURATION' }),
  };

  async run(): Promise<{ clusters: readonly ClusterView[] }> {
    const { args, flags } = await this.parse(Wait);
    const how = { condition: conditionOf(flags.for, parseDuration), words: flags.for };
    const timeout = parseDuration(flags.timeout);
    const context = this.interruptible();
    const chosen = await this.chosen({ args, flags }, 'always');
    const clusters = await Promise.all(
      chosen.map((one) => waitFor({ cluster: one.cluster.name, nodes: namesOf(one), timeout, ...how }, context)),
    );
    this.log(clusters.map((cluster) => `${clusterTitle(cluster)}\n${nodeTable(cluster)}`).join('\n\n'));
    return { clusters };
  }
}
