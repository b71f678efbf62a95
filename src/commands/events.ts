import * as Flags from '@oclif/core/flags';
import { clusterArg } from '../cli/arguments.js';
import { BaseCommand } from '../cli/base-command.js';
import { eventTeller } from '../cli/event-text.js';
import { parseDuration } from '../cluster/duration.js';
import type { ClusterEvent } from '../cluster/event.js';
import { events } from '../lab/events.js';

export default class Events extends BaseCommand {
  static override summary = 'tell what happened to a cluster, and what happens';
  static override description = `What dbns did is always recorded: each verb when it begins and when it ends, and what the keeper did by itself. What became of the nodes (dead, Synced → Initialized, SECONDARY → PRIMARY …) is read out of the servers' logs for the past, marked [log]; with --follow each node is asked every 250 ms.
In a line: the time, the seconds since the last verb began, the node, and what changed. With --json one array; with --follow a document a line.`;
  static override examples = [
    '<%= config.bin %> events pxc',
    '<%= config.bin %> events pxc --since 5m',
    '<%= config.bin %> events pxc --follow',
    `<%= config.bin %> events pxc -f --json | jq -c 'select(.what == "process")'`,
  ];
  static override args = { cluster: clusterArg };
  static override flags = {
    follow: Flags.boolean({
      char: 'f',
      summary: 'go on with what happens, until Ctrl-C or until the cluster is gone; of the past only what --since says',
    }),
    since: Flags.string({ summary: 'only so far back, e.g. 5m', helpValue: 'DURATION' }),
  };

  async run(): Promise<readonly ClusterEvent[] | undefined> {
    const { args, flags } = await this.parse(Events);
    const since = flags.since === undefined ? undefined : parseDuration(flags.since);
    const { signal, machine } = this.interruptible();
    const { follow } = flags;
    const all: ClusterEvent[] = [];
    const tell = this.jsonEnabled() ? JSON.stringify : eventTeller();
    for await (const event of events(args.cluster, { since, follow, signal, machine })) {
      if (this.jsonEnabled() && !follow) all.push(event);
      else process.stdout.write(`${tell(event)}\n`);
    }
    if (!follow) return all;
    if (!signal.aborted) process.stderr.write('The cluster is gone.\n');
    return undefined;
  }
}
