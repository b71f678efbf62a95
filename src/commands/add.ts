import * as Flags from '@oclif/core/flags';
import { clusterArg, noWaitFlag } from '../cli/arguments.js';
import { outcomesText } from '../cli/outcomes.js';
import { addressesByNode, zonesByNode } from '../cli/values.js';
import { parseDuration } from '../cluster/duration.js';
import { VerbCommand, type VerbResult } from '../cli/verb-command.js';
import { withImages } from '../cli/with-images.js';
import type { Settings } from '../cluster/cluster.js';
import { addNodes } from '../lifecycle/life/add.js';
import { selectName } from '../lifecycle/select.js';

const several = { multiple: true, multipleNonGreedy: true } as const;

/** What one topology or another knows besides; it refuses what it does not. */
const own = {
  sst: Flags.string({
    summary: 'pxc: how they take all data over, rsync or mariabackup; as the others, which was chosen at create',
    helpValue: 'METHOD',
  }),
  source: Flags.string({
    summary: 'replication: the node that they replicate from; by the shape when absent',
    helpValue: 'NODE',
  }),
  delay: Flags.string({ summary: 'replication, mongo: they apply that much later, e.g. 60s', helpValue: 'DURATION' }),
  filter: Flags.string({
    summary: 'replication: they apply these tables alone, e.g. shop.% (repeatable)',
    helpValue: 'DB.TABLE',
    ...several,
  }),
  group: Flags.string({ summary: 'mongo: the set that they join, e.g. shard1 or config', helpValue: 'GROUP' }),
  arbiter: Flags.boolean({ summary: 'mongo: they vote and hold no data' }),
  hidden: Flags.boolean({ summary: 'mongo: applications do not see them' }),
  priority: Flags.string({ summary: 'mongo: how gladly they become primary, 0 to 1000', helpValue: 'NUMBER' }),
  tag: Flags.string({ summary: 'mongo: a tag, e.g. dc:east (repeatable)', helpValue: 'NAME:VALUE', ...several }),
  router: Flags.boolean({ summary: 'mongo: they are routers (mongos)' }),
  shard: Flags.boolean({ summary: 'mongo: they are a new shard' }),
};

export default class Add extends VerbCommand {
  static override summary = 'add nodes to a cluster that lives';
  static override description = `Each gets its data by the cheapest honest way, and it is told which and why: out of a clone of the pristine directory and what the others still have in their logs or caches, else by a copy of all data (SST, CLONE, mariabackup, initial sync). It returns when they are ready; what fails or is interrupted is taken back.
Numbers go on from the highest that the cluster ever had.`;
  static override examples = [
    '<%= config.bin %> add pxc',
    '<%= config.bin %> add pxc --nodes 2',
    '<%= config.bin %> add replication --source node2 --delay 1h',
    '<%= config.bin %> add replication --image mariadb:11.8',
    '<%= config.bin %> add pxc --ip 10.200.0.20',
    '<%= config.bin %> add pxc --zone b',
    '<%= config.bin %> add mongo --arbiter',
    '<%= config.bin %> add sharded --shard --nodes 3',
  ];
  static override args = { cluster: clusterArg };
  static override flags = {
    nodes: Flags.integer({ char: 'n', summary: 'how many; one when absent, three for a shard' }),
    image: Flags.string({
      char: 'i',
      summary: 'where their servers come from; that of the first node when absent',
      helpValue: 'REF',
    }),
    ip: Flags.string({
      summary:
        'the address of the one that comes, or of one of them, e.g. node5=10.50.0.10 (repeatable); free ones for others',
      helpValue: '[NODE=]ADDRESS',
      ...several,
    }),
    zone: Flags.string({
      summary: 'the zone of those that come, or of one of them, e.g. node5=a (repeatable); as keeps the balance',
      helpValue: '[NODE=]ZONE',
      ...several,
    }),
    ...own,
    ...noWaitFlag,
    timeout: Flags.string({
      summary: 'how long it may take until they are ready, e.g. 30m',
      default: '5m',
      helpValue: 'DURATION',
    }),
    yes: Flags.boolean({ char: 'y', summary: 'pull the image when it is not there, without asking', env: 'DBNS_YES' }),
  };

  async run(): Promise<VerbResult> {
    const { args, flags } = await this.parse(Add);
    const { nodes = null, image, timeout, yes, delay, priority } = flags;
    const settings: Settings = {
      ...typed(flags),
      ...(delay !== undefined && { delay: parseDuration(delay) / 1000 }),
      ...(priority !== undefined && { priority: Number(priority) }),
    };
    const options = { timeout: parseDuration(timeout) };
    const addresses = oneOrByNode(flags.ip ?? [], addressesByNode);
    const zones = oneOrByNode(flags.zone ?? [], zonesByNode);
    const request = { nodes, image, settings, addresses, zones };
    const context = this.interruptible();
    const name = await selectName(this.machine, args.cluster);
    if (flags['no-wait']) return this.inBackground(name);
    const view = await withImages(context, yes, () => addNodes(name, request, options, context));
    this.log(outcomesText([view], true));
    return { clusters: [view] };
  }
}

/** One without a node is for the one that comes, or for all that come. */
function oneOrByNode<T>(words: readonly string[], byNode: (words: readonly string[]) => T): T | string {
  const [first, ...others] = words;
  return first !== undefined && others.length === 0 && !first.includes('=') ? first : byNode(words);
}

/** The flags of `own` that were typed, as they are. */
function typed(flags: Readonly<Record<string, unknown>>): Settings {
  return Object.fromEntries(
    Object.keys(own).flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
  );
}
