import * as Flags from '@oclif/core/flags';
import { requiredWord } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { nodeTable, clusterTitle } from '../cli/table.js';
import { parseDuration } from '../cluster/duration.js';
import { promoteNode, type PromotionView } from '../lifecycle/running/promote-node.js';

export default class Promote extends BaseCommand {
  static override summary = 'make a node the primary of its cluster';
  static override description = `The primary takes no more writes until the node has all that it has; then roles turn round, and the others follow the new primary. Nothing is lost.
With --force, when the primary is dead: what it alone had is read from its binary logs where they are still there, and told.`;
  static override examples = [
    '<%= config.bin %> promote replication node2',
    '<%= config.bin %> promote replication node3 --force',
    '<%= config.bin %> promote replication node2 --force --json | jq .loss.transactions',
  ];
  static override args = { cluster: requiredWord('name of the cluster'), node: requiredWord('name of the node') };
  static override flags = {
    force: Flags.boolean({ summary: 'the primary is dead: promote although what it alone had is lost' }),
    timeout: Flags.string({ summary: 'how long the node may take to catch up, e.g. 30s', default: '30s' }),
  };

  async run(): Promise<PromotionView> {
    const { args, flags } = await this.parse(Promote);
    const options = { force: flags.force, timeout: parseDuration(flags.timeout) };
    const promotion = await promoteNode(args.cluster, args.node, options, this.interruptible());
    this.log(textOf(promotion));
    return promotion;
  }
}

function textOf({ cluster, primary, loss }: PromotionView): string {
  return [`${primary} is the primary.${lossText(loss)}`, clusterTitle(cluster), nodeTable(cluster)].join('\n');
}

function lossText(loss: PromotionView['loss']): string {
  if (loss === null) return '';
  if (loss.transactions === null) return ' Lost: unknown, for the binary logs of the former primary could not be read.';
  if (loss.transactions === 0) return ' Lost: nothing.';
  return ` Lost: ${loss.transactions} transactions (${loss.gtids ?? ''}).`;
}
