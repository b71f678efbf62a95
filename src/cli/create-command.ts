import { word } from './arguments.js';
import type { ClusterSpec, ServerOption, Settings } from '../cluster/cluster.js';
import { makeCluster, type CreateOptions } from '../lifecycle/birth/create.js';
import { connectionToNew } from '../lifecycle/reach/connect.js';
import { planCreate } from '../lifecycle/birth/dry-run.js';
import type { DryRun } from '../lifecycle/dry-run.js';
import type { LeaseRequest } from '../lifecycle/lease.js';
import type { ClusterView } from '../lifecycle/view.js';
import { BaseCommand } from './base-command.js';
import { parseMyCnf } from './my-cnf.js';
import { dryRunText } from './dry-run-text.js';
import type { CreateWords, MysqldWords, OwnWords } from './create-flags.js';
import { parseLease } from './lease.js';
import { clusterTitle, nodeTable } from './table.js';
import { imageByEnvironment } from './environment.js';
import { addressesOf, parseOption, parseSize, zonesByNode } from './values.js';
import { parseDuration } from '../cluster/duration.js';
import { withImages } from './with-images.js';

export const createArgs = {
  name: word('name of the cluster; of the topology when absent, then with 2, 3 …'),
};

/** `dbns TOPOLOGY create`: parse, call, print. */
export abstract class CreateCommand extends BaseCommand {
  protected async create(
    topology: string,
    name: string | undefined,
    words: CreateWords,
    own: OwnWords,
  ): Promise<ClusterView | DryRun> {
    const spec = { ...this.specOf(topology, name, words), ...own };
    const options = optionsOf(words, words.lease === undefined ? undefined : parseLease(words.lease));
    if (words['dry-run']) return this.dryRun(spec);
    const started = performance.now();
    const context = this.interruptible();
    const cluster = await withImages(context, words.yes, () => makeCluster(spec, context, options));
    const { uri } = await connectionToNew(this.machine, cluster.name);
    this.log(createdText(cluster, (performance.now() - started) / 1000, uri));
    return cluster;
  }

  /** The same for mysqlds. */
  protected createMysqlds(topology: string, name: string | undefined, words: MysqldWords, settings: Settings = {}) {
    return this.create(topology, name, words, this.mysqldWords(words, settings));
  }

  /** @param settings the topology's own */
  protected mysqldWords(words: MysqldWords, settings: Settings): OwnWords {
    const options = [...this.optionsFrom(words['my-cnf']), ...(words['my-cnf-option'] ?? []).map(parseOption)];
    const tls = { ...(words.tls !== undefined && { tls: words.tls }), clusterTls: words['cluster-tls'] };
    return { options, durable: words.durable, ...tls, settings };
  }

  protected async dryRun(spec: ClusterSpec): Promise<DryRun> {
    const plan = await planCreate(this.machine, spec);
    this.log(dryRunText(plan));
    return plan;
  }

  protected specOf(topology: string, name: string | undefined, words: CreateWords): ClusterSpec {
    return {
      topology,
      ...(name !== undefined && { name }),
      ...(words.nodes !== undefined && { nodes: words.nodes }),
      ...imagesOf(words.image ?? []),
      ...(words.subnet !== undefined && { subnet: words.subnet }),
      ...(words.pool !== undefined && { pool: words.pool }),
      ...(words.ip !== undefined && addressesOf(words.ip)),
      ...(words.memory !== undefined && { memory: parseSize(words.memory) }),
      ...(words['password-file'] !== undefined && { password: this.passwordFrom(words['password-file']) }),
      internal: words.internal,
      ...(words.mtu !== undefined && { mtu: words.mtu }),
      ipv6: words.ipv6,
      ...(words.zones !== undefined && { zones: words.zones }),
      ...(words.zone !== undefined && { nodeZones: zonesByNode(words.zone) }),
      ...(words.layout !== undefined && { layout: words.layout }),
      ...(words['bridge-to'] !== undefined && { bridgeTo: words['bridge-to'] }),
      ...(words.gateway !== undefined && { gateway: words.gateway }),
      ...(words.force && { force: true }),
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

export function optionsOf(words: CreateWords, lease: LeaseRequest | undefined): CreateOptions {
  return {
    timeout: parseDuration(words.timeout),
    keepOnFailure: words['keep-on-failure'],
    ...(lease !== undefined && { lease }),
  };
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
