import * as v from 'valibot';
import type { Cluster, ClusterSpec, Seat, Settings } from '../../cluster/cluster.js';
import { byName } from '../../cluster/schemas.js';
import { zoneNames, zoneOf } from '../../cluster/zone.js';
import { UsageError } from '../../errors/errors.js';
import { LEAN_OPLOG } from '../../servers/mongod/config.js';
import { assertOptions } from '../../servers/mongod/options.js';
import { assertDelay, readTyped } from '../members.js';
import type { Settled } from '../topology.js';

/** The flags of `mongo create`, as it hands them on. */
const SETTINGS = v.object({
  /** Of each set, as it was made. */
  arbiters: v.optional(v.number(), 0),
  hidden: v.optional(v.array(v.string()), []),
  /** Node → 0 to 1000. */
  priorities: v.optional(byName(v.number()), {}),
  /** Node → seconds. */
  delays: v.optional(byName(v.number()), {}),
  /** Node → name → value. */
  tags: v.optional(byName(byName(v.string())), {}),
  auth: v.optional(v.boolean(), false),
  /** MiB */
  oplogSize: v.optional(v.number(), LEAN_OPLOG),
  /** How many were ever made, and the number of the last; null is one replica set and no routers. */
  shards: v.optional(v.nullable(v.number()), null),
  /** As it was made, both. */
  configNodes: v.optional(v.number(), 3),
  routers: v.optional(v.number(), 1),
});

export type MongoSettings = v.InferOutput<typeof SETTINGS>;

export const readSettings = (settings: Settings | undefined): MongoSettings => v.parse(SETTINGS, settings ?? {});

/** The settings of a cluster that was made here. */
export const settingsOf = ({ settings }: Pick<Cluster, 'settings'>): MongoSettings => readSettings(settings);

/** The same, with its zone among each node's tags, as sets are told it; a tag of that name that was given wins. */
export function taggedSettings({ settings, network, nodes }: Pick<Cluster, 'settings' | 'network' | 'nodes'>) {
  const read = readSettings(settings);
  if (zoneNames(network).length === 0) return read;
  const tags = nodes.map((node): [string, Readonly<Record<string, string>>] => [
    node.name,
    { zone: zoneOf(network, node).name ?? '', ...read.tags[node.name] },
  ]);
  return { ...read, tags: Object.fromEntries(tags) };
}

/** The parts of a sharded cluster besides its shards. */
export const CONFIG_SERVERS = 'config';
export const ROUTERS = 'routers';

/** A set's own limits. Source: the manual's "MongoDB Limits and Thresholds". */
export const MOST_MEMBERS = 50;
const MOST_VOTES = 7;
/** dbns's own. */
export const MOST_PARTS = 32;

/** @throws UsageError for what can be told from the words alone. */
export function settle(spec: ClusterSpec): Settled {
  assertOptions(spec.options ?? []);
  const settings = readTyped(spec.settings ?? {}, SETTINGS);
  const { arbiters, auth, oplogSize } = settings;
  const nodes = spec.nodes ?? 3;
  assertCount('--nodes', nodes, 1, MOST_MEMBERS, 'a replica set has');
  assertCount(
    '--arbiters',
    arbiters,
    0,
    MOST_VOTES - 1,
    'of the seven votes of a replica set one is a data node, so it has',
  );
  if (nodes + arbiters > MOST_MEMBERS) {
    throw new UsageError(`--nodes ${nodes} --arbiters ${arbiters}: a replica set has at most ${MOST_MEMBERS} members.`);
  }
  assertCount('--oplog-size', oplogSize, 1, 1024 * 1024, 'in MiB, an oplog has');
  if (spec.password !== undefined && !auth) {
    throw new UsageError('--password-file goes with --auth: without it everybody may come in.');
  }
  const seats = seatsOf(settings, nodes);
  assertNodes(settings, seats);
  return { settings, seats };
}

function assertCount(flag: string, count: number, least: number, most: number, what: string): void {
  if (Number.isInteger(count) && count >= least && count <= most) return;
  throw new UsageError(`${flag} ${count}: ${what} ${least} to ${most}.`);
}

/** One set; or shards, config servers and routers, in this order. */
function seatsOf(settings: MongoSettings, nodes: number): readonly Seat[] {
  const { shards, arbiters, configNodes, routers } = settings;
  const set = (group: string | null) => [
    ...Array.from({ length: nodes }, () => ({ role: 'secondary', group })),
    ...Array.from({ length: arbiters }, () => ({ role: 'arbiter', group })),
  ];
  if (shards === null) return numbered(set(null), settings);
  assertCount('--shards', shards, 1, MOST_PARTS, 'a sharded cluster has here');
  assertCount('--config-nodes', configNodes, 1, MOST_MEMBERS, 'a replica set has');
  assertCount('--routers', routers, 1, MOST_PARTS, 'a sharded cluster has here');
  return numbered(
    [
      ...Array.from({ length: shards }, (_, index) => set(`shard${index + 1}`)).flat(),
      ...Array.from({ length: configNodes }, () => ({ role: 'secondary', group: CONFIG_SERVERS })),
      ...Array.from({ length: routers }, () => ({ role: 'router', group: ROUTERS })),
    ],
    settings,
  );
}

/** Names by position. */
function numbered(places: readonly Omit<Seat, 'name'>[], settings: MongoSettings): readonly Seat[] {
  const seats = places.map((place, position) => ({ name: `node${position + 1}`, ...place }));
  return withPrimaries(seats, settings);
}

/** Of each set one begins as its primary. */
export function withPrimaries<T extends Seat>(seats: readonly T[], settings: MongoSettings): readonly T[] {
  const firsts = new Set([...new Set(seats.map(({ group }) => group))].map((group) => firstOf(seats, group, settings)));
  return seats.map((seat) => (firsts.has(seat.name) ? { ...seat, role: 'primary' } : seat));
}

/** The node of a set that is primary when the set is made: the first of the highest priority; null when none can be. */
function firstOf(seats: readonly Seat[], group: string | null, settings: MongoSettings): string | null {
  const able = seats.filter((seat) => seat.group === group && HOLDS_DATA.has(seat.role));
  const best = [...able]
    .sort((a, b) => priorityOf(settings, b.name) - priorityOf(settings, a.name))
    .find(({ name }) => priorityOf(settings, name) > 0);
  return best?.name ?? null;
}

/** What was said of nodes that stay, and of no others. */
export function wordsOf(settings: MongoSettings, stays: (name: string) => boolean): MongoSettings {
  const stay = <T>(words: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(words).filter(([name]) => stays(name)));
  const { hidden, priorities, delays, tags } = settings;
  return {
    ...settings,
    hidden: hidden.filter(stays),
    ...{ priorities: stay(priorities), delays: stay(delays), tags: stay(tags) },
  };
}

/** A hidden or delayed member can't become primary. */
export function priorityOf({ priorities, hidden, delays }: MongoSettings, node: string): number {
  return hidden.includes(node) || delays[node] !== undefined ? 0 : (priorities[node] ?? 1);
}

/** @throws UsageError for words that no node can have, and for a set that could have no primary by them. */
export function assertNodes(settings: MongoSettings, seats: readonly Seat[]): void {
  const { hidden, priorities, delays, tags } = settings;
  const mentioned: readonly (readonly [flag: string, node: string])[] = [
    ...hidden.map((node) => ['--hidden', node] as const),
    ...Object.keys(priorities).map((node) => ['--priority', node] as const),
    ...Object.keys(delays).map((node) => ['--delay', node] as const),
    ...Object.keys(tags).map((node) => ['--tag', node] as const),
  ];
  for (const [flag, node] of mentioned) {
    const seat = seats.find(({ name }) => name === node);
    if (seat === undefined) {
      throw new UsageError(`${flag} ${node}: there is no ${node}: the nodes are node1 to node${seats.length}.`);
    }
    if (!HOLDS_DATA.has(seat.role))
      throw new UsageError(`${flag} ${node}: ${node} is ${WITH_ARTICLE[seat.role] ?? seat.role}.`);
    if (seat.group === CONFIG_SERVERS && flag === '--delay') {
      throw new UsageError(`--delay ${node}: a config server can't be delayed.`);
    }
  }
  for (const [node, priority] of Object.entries(priorities)) {
    if (!(priority >= 0 && priority <= 1000)) throw new UsageError(`--priority ${node}=${priority}: it is 0 to 1000.`);
    if (priority > 0 && priorityOf(settings, node) === 0) {
      throw new UsageError(`--priority ${node}=${priority}: a hidden or delayed member can't become primary.`);
    }
  }
  for (const [node, seconds] of Object.entries(delays)) {
    assertDelay(node, seconds, MOST_DELAY);
  }
  for (const group of new Set(seats.map((seat) => seat.group))) assertSet(settings, seats, group);
}

/** 366 days, as the server takes it. */
const MOST_DELAY = 31_622_400;
const HOLDS_DATA: ReadonlySet<string> = new Set(['primary', 'secondary']);
const WITH_ARTICLE: Readonly<Record<string, string>> = {
  arbiter: 'an arbiter, which holds no data',
  router: 'a router, which holds no data',
};

/**
 * Who has no vote can't become primary; and somebody must be able to.
 * @throws UsageError
 */
export function assertSet(settings: MongoSettings, seats: readonly Seat[], group: string | null): void {
  if (group === ROUTERS) return;
  const members = seats.filter((seat) => seat.group === group);
  if (firstOf(seats, group, settings) === null) {
    throw new UsageError(
      `No node of ${group ?? 'the set'} could become primary: all are hidden, delayed or of priority 0.`,
    );
  }
  const voters = votersOf(settings, members);
  for (const { name } of members) {
    if ((settings.priorities[name] ?? 0) > 0 && !voters.has(name)) {
      throw new UsageError(
        `--priority ${name}=${settings.priorities[name] ?? ''}: only seven members vote, and ${name} is not among them.`,
      );
    }
  }
}

/** Arbiters vote, for they do nothing else; then those who can become primary, then the others, in order: seven in all. */
export function votersOf(
  settings: MongoSettings,
  members: readonly Pick<Seat, 'name' | 'role'>[],
): ReadonlySet<string> {
  const rank = ({ name, role }: Pick<Seat, 'name' | 'role'>) =>
    role === 'arbiter' ? 0 : (settings.priorities[name] ?? 0) > 0 ? 1 : priorityOf(settings, name) > 0 ? 2 : 3;
  const ranked = [...members].sort((a, b) => rank(a) - rank(b));
  return new Set(ranked.slice(0, MOST_VOTES).map(({ name }) => name));
}
