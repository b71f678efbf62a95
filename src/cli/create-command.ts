import * as Flags from '@oclif/core/flags';
import { poolFlag, word } from './arguments.js';
import type { ClusterSpec, ServerOption, Settings } from '../cluster/cluster.js';
import { createCluster } from '../lifecycle/birth/create.js';
import { connectionToNew } from '../lifecycle/reach/connect.js';
import { planCreate } from '../lifecycle/birth/dry-run.js';
import type { DryRun } from '../lifecycle/dry-run.js';
import type { ClusterView } from '../lifecycle/view.js';
import { BaseCommand } from './base-command.js';
import { parseMyCnf } from './my-cnf.js';
import { dryRunText } from './dry-run-text.js';
import { clusterTitle, nodeTable } from './table.js';
import { imageByEnvironment } from './environment.js';
import { addressesByNode, parseDuration, parseOption, parseSize } from './values.js';
import { withImages } from './with-images.js';

const number = (env: string, summary: string, char?: 'n') =>
  Flags.integer({ summary, env, ...(char !== undefined && { char }) });

/** The words of every `create`. A topology's own command adds its name, and flags of its own. */
export const createFlags = {
  nodes: number('DBNS_NODES', 'how many nodes', 'n'),
  image: Flags.string({
    char: 'i',
    summary:
      "where the servers come from: a pulled image, dir:/PATH, or host (the machine's own); node3=REF for one of them (repeatable; default by DBNS_IMAGE)",
    helpValue: '[NODE=]REF',
    multiple: true,
    multipleNonGreedy: true,
  }),
  subnet: Flags.string({
    summary: "the cluster's network; the first free /24 of --pool when absent",
    env: 'DBNS_SUBNET',
    helpValue: 'CIDR',
  }),
  pool: poolFlag,
  ip: Flags.string({
    summary:
      'the address of a node inside --subnet, e.g. node1=10.50.0.10 (repeatable); others get the first ones left',
    helpValue: 'NODE=ADDRESS',
    multiple: true,
    multipleNonGreedy: true,
  }),
  internal: Flags.boolean({
    summary: 'no NAT: the nodes reach each other and the machine, and nothing else',
    env: 'DBNS_INTERNAL',
  }),
  memory: Flags.string({
    summary: "a node's whole memory budget, e.g. 512M; lean when absent",
    env: 'DBNS_MEMORY',
    helpValue: 'SIZE',
  }),
  'password-file': Flags.string({
    summary: "file with the password of the account 'dbns'; random when absent",
    env: 'DBNS_PASSWORD_FILE',
    helpValue: 'FILE',
  }),
  init: Flags.string({
    summary: 'a file that is loaded before it returns, as dbns load takes it (repeatable, in order)',
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  sample: Flags.boolean({ summary: 'fill the database shop with a few thousand rows, always the same' }),
  timeout: Flags.string({
    summary: 'how long the servers may take, e.g. 30s or 5m',
    default: '2m',
    env: 'DBNS_TIMEOUT',
  }),
  yes: Flags.boolean({ char: 'y', summary: 'pull the image when it is not there, without asking', env: 'DBNS_YES' }),
  'dry-run': Flags.boolean({ summary: 'print the plan and the argv of each step; touch nothing' }),
  'keep-on-failure': Flags.boolean({
    summary: 'leave a cluster that did not come up for inspection',
    env: 'DBNS_KEEP_ON_FAILURE',
  }),
};

/** The words of every `create` of mysqlds. */
export const mysqldFlags = {
  ...createFlags,
  'my-cnf-option': Flags.string({
    char: 'c',
    summary: "a line for the servers' my.cnf (repeatable); wins over --my-cnf",
    helpValue: 'key=value',
    multiple: true,
    multipleNonGreedy: true,
  }),
  'my-cnf': Flags.string({
    summary: "a file of options for the servers' my.cnf; checked line by line like -c",
    env: 'DBNS_MY_CNF',
    helpValue: 'FILE',
  }),
  durable: Flags.boolean({ summary: 'flush to disk at every commit', env: 'DBNS_DURABLE' }),
};

export const createArgs = {
  name: word('name of the cluster; of the topology when absent, then with 2, 3 …'),
};

interface CreateWords {
  readonly nodes: number | undefined;
  readonly image: readonly string[] | undefined;
  readonly subnet: string | undefined;
  readonly pool: string | undefined;
  readonly ip: readonly string[] | undefined;
  readonly internal: boolean;
  readonly memory: string | undefined;
  readonly 'password-file': string | undefined;
  readonly init: readonly string[] | undefined;
  readonly sample: boolean;
  readonly timeout: string;
  readonly yes: boolean;
  readonly 'dry-run': boolean;
  readonly 'keep-on-failure': boolean;
}

/** What mysqlds have besides. */
interface MysqldWords extends CreateWords {
  readonly 'my-cnf-option': readonly string[] | undefined;
  readonly 'my-cnf': string | undefined;
  readonly durable: boolean;
}

/** What a topology's own flags become. */
type OwnWords = Pick<ClusterSpec, 'options' | 'durable' | 'settings'>;

/** `dbns TOPOLOGY create`: parse, call, print. */
export abstract class CreateCommand extends BaseCommand {
  protected async create(
    topology: string,
    name: string | undefined,
    words: CreateWords,
    own: OwnWords,
  ): Promise<ClusterView | DryRun> {
    const spec = { ...this.specOf(topology, name, words), ...own };
    const options = { timeout: parseDuration(words.timeout), keepOnFailure: words['keep-on-failure'] };
    if (words['dry-run']) return this.dryRun(spec);
    const started = performance.now();
    const context = this.interruptible();
    const cluster = await withImages(context, words.yes, () => createCluster(spec, context, options));
    const { uri } = await connectionToNew(this.machine, cluster.name);
    this.log(createdText(cluster, (performance.now() - started) / 1000, uri));
    return cluster;
  }

  /** The same for mysqlds. */
  protected createMysqlds(topology: string, name: string | undefined, words: MysqldWords, settings: Settings = {}) {
    const options = [...this.optionsFrom(words['my-cnf']), ...(words['my-cnf-option'] ?? []).map(parseOption)];
    return this.create(topology, name, words, { options, durable: words.durable, settings });
  }

  private async dryRun(spec: ClusterSpec): Promise<DryRun> {
    const plan = await planCreate(this.machine, spec);
    this.log(dryRunText(plan));
    return plan;
  }

  private specOf(topology: string, name: string | undefined, words: CreateWords): ClusterSpec {
    return {
      topology,
      ...(name !== undefined && { name }),
      ...(words.nodes !== undefined && { nodes: words.nodes }),
      ...imagesOf(words.image ?? []),
      ...(words.subnet !== undefined && { subnet: words.subnet }),
      ...(words.pool !== undefined && { pool: words.pool }),
      ...(words.ip !== undefined && { addresses: addressesByNode(words.ip) }),
      ...(words.memory !== undefined && { memory: parseSize(words.memory) }),
      ...(words['password-file'] !== undefined && { password: this.passwordFrom(words['password-file']) }),
      internal: words.internal,
      init: words.init ?? [],
      sample: words.sample,
    };
  }

  private passwordFrom(file: string): string {
    return this.readFile('password file', file).replace(/\r?\n$/, '');
  }

  private optionsFrom(file: string | undefined): readonly ServerOption[] {
    if (file === undefined) return [];
    const { options, leftOut } = parseMyCnf(file, this.readFile('option file', file));
    if (leftOut.length > 0) {
      const sections = leftOut.map((section) => `[${section}]`).join(', ');
      this.logToStderr(`Warning: ${file}: ${sections}: no server reads that; left out.`);
    }
    return options;
  }
}

/** `REF` is for all nodes, `node3=REF` for one; what comes later wins. */
function imagesOf(words: readonly string[]): Pick<ClusterSpec, 'image' | 'nodeImages'> {
  const pairs = words.map((text) => /^(node\d+)=(.*)$/.exec(text) ?? [text, '', text]);
  const common = pairs.findLast(([, node]) => node === '')?.[2] ?? imageByEnvironment();
  const single = Object.fromEntries(pairs.flatMap(([, node = '', ref = '']) => (node === '' ? [] : [[node, ref]])));
  return { ...(common !== undefined && { image: common }), nodeImages: single };
}

function createdText(cluster: ClusterView, seconds: number, uri: string): string {
  const { name } = cluster;
  return [
    clusterTitle(cluster, `(${seconds.toFixed(1)} s)`),
    nodeTable(cluster),
    '',
    `Connect:   dbns client ${name}            no password to type`,
    `           dbns uri ${name}               for drivers: ${uri.replace(/:[^:@/]*@/, ':…@')}`,
    `Look:      dbns status ${name}`,
    `Clean up:  dbns destroy ${name}`,
  ].join('\n');
}
