import * as Flags from '@oclif/core/flags';
import { requiredWord } from '../../cli/arguments.js';
import { BaseCommand } from '../../cli/base-command.js';
import { channelFlag, faultText, lasts, lastsFlag } from '../../cli/faults.js';
import { namesIn } from '../../cli/values.js';
import { partition } from '../../lifecycle/faults/partition.js';
import { sideOf } from '../../lifecycle/faults/side-of.js';
import type { FaultView } from '../../lifecycle/view.js';

export default class FaultPartition extends BaseCommand {
  static override summary = 'let packets between nodes disappear';
  static override description = `Sides don't reach each other; who is on none forms one more side. Addresses and links stay, and so does the way by which dbns asks the servers: there is silence between the sides, and no more. The machine, proxies and attached programs reach all nodes as before, unless they are named ('gateway' is the machine) or --channel client is. A zone is cut off with all that is in it, proxies too; where nodes are named the name of a zone stands for all there.
Faults add up; each has an id and a count of what it took (dbns fault list). 'heal' ends them.`;
  static override examples = [
    '<%= config.bin %> fault partition pxc --isolate node1',
    '<%= config.bin %> fault partition replication --isolate primary --for 30s',
    '<%= config.bin %> fault partition pxc --side node1,node2 --side node3',
    '<%= config.bin %> fault partition pxc --zone a --for 30s',
    '<%= config.bin %> fault partition pxc --from node1 --to node2',
    '<%= config.bin %> fault partition group --halves --reset',
    '<%= config.bin %> fault partition replication --isolate node1 --channel client',
    '<%= config.bin %> fault partition pxc --from node3 --to gateway',
  ];
  static override args = { cluster: requiredWord('name of the cluster') };
  static override flags = {
    side: Flags.string({ summary: 'nodes on one side', multiple: true, helpValue: 'NODE,NODE' }),
    role: Flags.string({ summary: 'the nodes of a role are a side', multiple: true, helpValue: 'ROLE' }),
    group: Flags.string({
      summary: 'a shard, the config servers or the routers are a side',
      multiple: true,
      helpValue: 'GROUP',
    }),
    zone: Flags.string({
      summary: 'a zone of the network is a side, with its proxies and programs',
      multiple: true,
      helpValue: 'ZONE',
    }),
    isolate: Flags.string({
      summary: 'one side: a node, or whoever is the primary; or a minority, a majority or one node, at random',
      helpValue: 'NODE|primary|minority|majority|random',
    }),
    halves: Flags.boolean({ summary: 'one half of the nodes from the other' }),
    ring: Flags.boolean({ summary: 'each node sees a majority, and no two the same one' }),
    bridge: Flags.string({ summary: 'two halves, and a node that sees both', helpValue: 'NODE' }),
    from: Flags.string({ summary: 'one way: whose packets do not arrive', helpValue: 'NODE,NODE', dependsOn: ['to'] }),
    to: Flags.string({ summary: 'and where', helpValue: 'NODE,NODE', dependsOn: ['from'] }),
    ...channelFlag,
    'new-only': Flags.boolean({ summary: 'connections that stand go on; no new ones are made', default: false }),
    reset: Flags.boolean({
      summary: 'end connections, and refuse new ones, by resets instead of silence',
      default: false,
    }),
    ...lastsFlag,
  };

  async run(): Promise<{ fault: FaultView }> {
    const { args, flags } = await this.parse(FaultPartition);
    const { side = [], role = [], group = [], zone: zones = [], isolate, halves, ring, bridge, channel } = flags;
    const named = side.map((text) => namesIn('--side', text));
    const chosen = [
      ...(await Promise.all(role.map((word) => sideOf(this.machine, args.cluster, { role: word })))),
      ...(await Promise.all(group.map((word) => sideOf(this.machine, args.cluster, { group: word })))),
    ];
    const fault = await partition(
      {
        ...{ cluster: args.cluster, lasts: lasts(flags), sides: [...named, ...chosen], zones },
        ...{ isolate, halves, ring, bridge },
        from: flags.from === undefined ? undefined : namesIn('--from', flags.from),
        to: flags.to === undefined ? undefined : namesIn('--to', flags.to),
        ...{ channel: channel === 'all' ? null : channel, newOnly: flags['new-only'], reset: flags.reset },
      },
      this.interruptible(),
    );
    this.log(faultText(fault));
    return { fault };
  }
}
