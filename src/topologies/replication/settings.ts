import * as v from 'valibot';
import type { Cluster, ClusterSpec, Settings } from '../../cluster/cluster.js';
import { byName } from '../../cluster/schemas.js';
import { UsageError } from '../../errors/errors.js';
import { assertOptions } from '../../servers/mysqld/options.js';
import { assertDelay, readTyped, wantedNames } from '../members.js';
import type { Settled } from '../topology.js';
import { LEAST_NODES, MANY_WRITERS, SHAPES, sourcesOf, type Sources } from './shapes.js';

/** The flags of `replication create`, as it hands them on. */
const WORDS = v.object({
  shape: v.optional(v.picklist(SHAPES), 'star'),
  gtid: v.optional(v.boolean(), true),
  semiSync: v.optional(v.boolean(), false),
  /** Threads that apply; null is the server's default. */
  workers: v.optional(v.nullable(v.number()), null),
  /** Node → seconds. */
  delays: v.optional(byName(v.number()), {}),
  /** Node → patterns of DATABASE.TABLE that alone are replicated. */
  filters: v.optional(byName(v.array(v.string())), {}),
});

const SETTINGS = v.object({
  ...WORDS.entries,
  sources: byName(v.array(v.string())),
  /** Replicas whose primary was taken away by force: they take no writes until one of them is promoted. */
  orphans: v.optional(v.array(v.string()), []),
});

/** How a cluster replicates, resolved; `sources` follows every `promote`, `add` and `remove`. */
export type ReplicationSettings = v.InferOutput<typeof SETTINGS>;

/** The settings of a cluster that was made here. */
export function settingsOf({ settings }: Pick<Cluster, 'settings'>): ReplicationSettings {
  return v.parse(SETTINGS, settings);
}

export const readSettings = (settings: Settings): ReplicationSettings => v.parse(SETTINGS, settings);

export const MOST_NODES = 64;

/** @throws UsageError for what can be told from the words alone. */
export function settle(spec: ClusterSpec): Settled {
  assertOptions(spec.options ?? [], NEEDS);
  const names = wantedNames(spec, { default: 3, least: 1, most: MOST_NODES });
  const settings = resolve(readTyped(spec.settings ?? {}, WORDS), names);
  return { settings, seats: names.map((name) => ({ name, role: roleIn(settings, name), group: null })) };
}

function resolve(words: v.InferOutput<typeof WORDS>, nodes: readonly string[]): ReplicationSettings {
  const { shape, workers } = words;
  if (nodes.length < LEAST_NODES[shape]) {
    throw new UsageError(`--shape ${shape} needs at least ${LEAST_NODES[shape]} nodes.`);
  }
  if (words.semiSync && MANY_WRITERS.has(shape)) {
    throw new UsageError(
      `--semi-sync waits for replicas of one primary: it goes with star, chain and fan-in, not ${shape}.`,
    );
  }
  if (workers !== null && !(Number.isInteger(workers) && workers >= 1 && workers <= 1024)) {
    throw new UsageError(`--parallel-workers ${workers}: a replica has 1 to 1024 of them.`);
  }
  const settings = { ...words, sources: mutable(sourcesOf(shape, nodes)), orphans: [] };
  assertFits(settings);
  return settings;
}

export const mutable = (sources: Sources) =>
  Object.fromEntries(Object.entries(sources).map(([name, from]) => [name, [...from]]));

/** @throws UsageError for what is said of single nodes and does not go with their place in the shape. */
export function assertFits({ shape, gtid, sources, delays, filters }: ReplicationSettings): void {
  for (const [node, seconds] of Object.entries(delays)) {
    assertReplica(node, sources, '--delay');
    assertDelay(node, seconds, MOST_DELAY);
  }
  for (const [node, patterns] of Object.entries(filters)) {
    assertReplica(node, sources, '--filter');
    assertOneWay(node, { shape, gtid }, Object.keys(sources).length);
    patterns.forEach((pattern) => {
      assertPattern(node, pattern);
    });
  }
}

export const NEEDS = { log_bin: 'replicas read the binary log of their source' };

/** 2^31 - 1 seconds, as both servers take it. */
const MOST_DELAY = 2_147_483_647;

function assertPattern(node: string, pattern: string): void {
  if (/^[^\s.'"#;=]+\.[^\s.'"#;=]+$/.test(pattern)) return;
  throw new UsageError(`--filter ${node}=${pattern}: write DATABASE.TABLE, with % for any number of characters.`);
}

/** By GTID a node takes each transaction once, from whom it has it first: also one that a filter emptied or jumped over. */
function assertOneWay(node: string, { shape, gtid }: Pick<ReplicationSettings, 'shape' | 'gtid'>, nodes: number): void {
  if (shape !== 'all-masters' || !gtid || nodes < 3) return;
  throw new UsageError(
    `--filter ${node}=…: among all masters the others get by way of ${node} too what it leaves out, and would lose it.`,
    { suggestions: ['--no-gtid: then a node passes on what was written on itself alone.'] },
  );
}

function assertReplica(node: string, sources: Sources, flag: string): void {
  const own = sources[node];
  if (own === undefined) {
    throw new UsageError(`${flag} ${node}=…: the nodes are ${Object.keys(sources).join(', ')}.`);
  }
  if (own.length === 0) throw new UsageError(`${flag} ${node}=…: ${node} is a primary and replicates from nobody.`);
}

/** A replica where not everybody takes writes. */
export function isReadOnly({ shape, sources, orphans }: ReplicationSettings, node: string): boolean {
  return !MANY_WRITERS.has(shape) && ((sources[node] ?? []).length > 0 || orphans.includes(node));
}

/** One that has not all data of its sources, or has it late on purpose. */
export function isPartial({ delays, filters }: Pick<ReplicationSettings, 'delays' | 'filters'>, node: string): boolean {
  return delays[node] !== undefined || filters[node] !== undefined;
}

export function roleIn(settings: ReplicationSettings, node: string): 'primary' | 'replica' {
  return isReadOnly(settings, node) ? 'replica' : 'primary';
}
