import * as Flags from '@oclif/core/flags';
import { clusterArg } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { faultText } from '../cli/faults.js';
import { parseDuration } from '../cluster/duration.js';
import { heal, type HealView } from '../lifecycle/faults/heal.js';
import { conditionOf } from '../lifecycle/life/condition.js';
import { waitFor } from '../lifecycle/life/wait.js';

export default class Heal extends BaseCommand {
  static override summary = 'end what faults broke, and prove that nodes talk again';
  static override description = `Takes away what \`fault\` made: rules, slow links, cut links; starts servers that a fault killed and lets go on those that a fault paused, and leaves alone what \`kill\`, \`pause\` and \`stop\` did. Then each pair that was kept apart is tried. It can be said again.
With --wait it returns when all nodes that are wanted are ready again.`;
  static override examples = [
    '<%= config.bin %> heal',
    '<%= config.bin %> heal pxc --fault f2',
    '<%= config.bin %> heal pxc --wait --timeout 2m',
  ];
  static override args = { cluster: clusterArg };
  static override flags = {
    fault: Flags.string({ summary: 'one fault, by its id; all when absent', multiple: true, helpValue: 'ID' }),
    wait: Flags.boolean({ summary: 'until the cluster is ready again' }),
    timeout: Flags.string({ summary: 'how long that may take', default: '60s', helpValue: 'DURATION' }),
  };

  async run(): Promise<HealView> {
    const { args, flags } = await this.parse(Heal);
    const context = this.interruptible();
    const timeout = parseDuration(flags.timeout);
    const view = await heal({ cluster: args.cluster, faults: flags.fault ?? [], timeout }, context);
    this.log(healText(view));
    if (!flags.wait) return view;
    const condition = conditionOf('ready', parseDuration);
    await waitFor({ cluster: view.cluster, nodes: [], condition, words: 'ready', timeout }, context);
    this.log(`All nodes of ${view.cluster} are ready.`);
    return view;
  }
}

function healText({ cluster, healed, started, resumed, talking, absent, notes }: HealView): string {
  if (healed.length === 0) return [`Nothing of ${cluster} was broken on purpose.`, ...notes].join('\n');
  return [
    ...healed.map((fault) => `healed: ${faultText({ ...fault, left: null })}`),
    ...(started.length > 0 ? [`started: ${started.join(', ')}`] : []),
    ...(resumed.length > 0 ? [`resumed: ${resumed.join(', ')}`] : []),
    ...(talking > 0 ? [`${talking} pairs talk again`] : []),
    ...absent.map(([from, to]) => `${from} to ${to}: not tried, one of both is not there`),
    ...notes,
  ].join('\n');
}
