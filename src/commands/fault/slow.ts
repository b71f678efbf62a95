import * as Flags from '@oclif/core/flags';
import { requiredWord } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { faultText, lasts, lastsFlag } from '../../cli/faults.js';
import { qualityFlags, qualityOf } from '../../cli/quality.js';
import { namesIn } from '../../cli/values.js';
import { slow } from '../../lifecycle/faults/slow.js';
import type { FaultView } from '../../lifecycle/view.js';

export default class FaultSlow extends BaseCommand {
  static override summary =
    'let packets come late, seldom, twice, in another order, damaged, or through a narrow place';
  static override description = `Whose packets: of a node all that it sends to each other node and gets from each (--node), all that leaves a zone and comes there (--zone), of two hosts what each sends to the other (--pair), one way (--from, --to), or each pair its own delay (--matrix). All other pairs stay as they are. What is said holds each way: --node node2 --delay 50ms makes round trips to node2 100 ms longer. --rate is for each pair and direction by itself. Several faults of a pair come together: delays add up, chances are independent, the narrowest place decides.
--loss and --rate work on every kernel with nft and htb; all else takes netem (exit 3 where the kernel has none).
The machine itself is slowed only where it is named: --from gateway --to node1.
Where nodes are named the name of a zone stands for all there: --pair a,b is between two zones, and a matrix may be one of zones.
A matrix is a table: names in the first line, then for each of them a line with its name and the delay to each, between blanks or commas; '-' is none, a number alone is milliseconds.`;
  static override examples = [
    '<%= config.bin %> fault slow pxc --node node2 --delay 50ms --jitter 10ms',
    '<%= config.bin %> fault slow pxc --pair node1,node3 --loss 5% --for 30s',
    '<%= config.bin %> fault slow replication --from node1 --to node2 --rate 1mbit',
    '<%= config.bin %> fault slow pxc --pair a,b --delay 40ms',
    '<%= config.bin %> fault slow pxc --matrix regions.txt --round-trip',
  ];
  static override args = { cluster: requiredWord('name of the cluster') };
  static override flags = {
    node: Flags.string({ summary: 'what it sends to other nodes and gets from them', helpValue: 'NODE' }),
    zone: Flags.string({ summary: 'what goes out of a zone of the network, and into it', helpValue: 'ZONE' }),
    pair: Flags.string({ summary: 'what each of two sends to the other, nodes or zones', helpValue: 'NODE,NODE' }),
    from: Flags.string({ summary: 'one way: what these send', helpValue: 'NODE,…' }),
    to: Flags.string({ summary: 'one way: to those', helpValue: 'NODE,…' }),
    matrix: Flags.string({ summary: 'each pair its own delay, out of a file', helpValue: 'FILE' }),
    'round-trip': Flags.boolean({
      summary: 'delays in the file are of there and back, as ping tells them: half goes each way',
      dependsOn: ['matrix'],
    }),
    ...qualityFlags,
    ...lastsFlag,
  };

  async run(): Promise<{ fault: FaultView }> {
    const { args, flags } = await this.parse(FaultSlow);
    const { node, zone, pair, from, to, matrix: file, 'round-trip': roundTrip } = flags;
    const fault = await slow(
      {
        ...{ cluster: args.cluster, lasts: lasts(flags), quality: qualityOf(flags), node, zone },
        pair: pair === undefined ? undefined : namesIn('--pair', pair),
        from: from === undefined ? undefined : namesIn('--from', from),
        to: to === undefined ? undefined : namesIn('--to', to),
        matrix: file === undefined ? undefined : { file, text: this.readFile('matrix', file), roundTrip },
      },
      this.interruptible(),
    );
    this.log(faultText(fault));
    return { fault };
  }
}
