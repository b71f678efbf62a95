import * as Flags from '@oclif/core/flags';
import { requiredWord } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { channelFlag } from '../../cli/faults.js';
import { table } from '../../cli/table.js';
import { parseDuration } from '../../cluster/duration.js';
import { matrix, type MatrixView } from '../../lifecycle/faults/matrix.js';

export default class FaultMatrix extends BaseCommand {
  static override summary = 'who reaches whom now, by probes';
  static override description = `Each row tries each column, by a connection and by datagrams that the other end listens for:
  open         it is there, and a server accepts
  refused      it is there, and nobody listens
  reset        a fault with --reset refuses
  unanswered   what is sent arrives, and no answer comes back
  silent       nothing arrives
  unreachable  the kernel knows of no way
  absent       its namespace is gone
Without --channel it is where clients come in.`;
  static override examples = [
    '<%= config.bin %> fault matrix pxc',
    '<%= config.bin %> fault matrix pxc --channel replication',
    '<%= config.bin %> fault matrix pxc --json | jq \'.pairs[] | select(.is == "silent")\'',
  ];
  static override args = { cluster: requiredWord('name of the cluster') };
  static override flags = {
    ...channelFlag,
    timeout: Flags.string({ summary: 'after how long it is silence', default: '1s', helpValue: 'DURATION' }),
  };

  async run(): Promise<MatrixView> {
    const { args, flags } = await this.parse(FaultMatrix);
    const { channel, timeout } = flags;
    const wanted = channel === 'all' ? null : channel;
    const view = await matrix(args.cluster, wanted, parseDuration(timeout), this.interruptible());
    this.log(matrixText(view));
    return view;
  }
}

function matrixText({ pairs, zones }: MatrixView): string {
  const from = [...new Set(pairs.map((pair) => pair.from))];
  const to = from.filter((name) => pairs.some((pair) => pair.to === name));
  const cell = (one: string, other: string) => pairs.find((pair) => pair.from === one && pair.to === other)?.is ?? '-';
  const withZone = (name: string) => (zones[name] === undefined ? name : `${name} (${zones[name]})`);
  return table(
    ['', ...to.map(withZone)],
    from.map((one) => [withZone(one), ...to.map((other) => cell(one, other))]),
  );
}
