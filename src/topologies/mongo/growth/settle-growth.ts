import * as v from 'valibot';
import { nextNames, type Cluster, type Seat } from '../../../cluster/cluster.js';
import { readTitle } from '../../../cluster/server.js';
import { UsageError } from '../../../errors/errors.js';
import { has } from '../../../servers/mongod/capabilities.js';
import type { GrowthWords } from '../../growth.js';
import { readWords, wantedNewcomers } from '../../members.js';
import type { Settled } from '../../topology.js';
import { dataMembers, routersOf, setsOf, shardsOf } from '../replica-set.js';
import {
  CONFIG_SERVERS,
  MOST_MEMBERS,
  MOST_PARTS,
  ROUTERS,
  assertNodes,
  settingsOf,
  votersOf,
  withPrimaries,
  type MongoSettings,
} from '../settings.js';

/** What `add` hands on that is MongoDB's. */
const WORDS = v.object({
  group: v.optional(v.string()),
  arbiter: v.optional(v.boolean(), false),
  hidden: v.optional(v.boolean(), false),
  priority: v.optional(v.number()),
  /** Seconds. */
  delay: v.optional(v.number()),
  /** NAME:VALUE each. */
  tag: v.optional(v.array(v.string()), []),
  router: v.optional(v.boolean(), false),
  shard: v.optional(v.boolean(), false),
});

type Words = v.InferOutput<typeof WORDS>;

/**
 * Members of a set, arbiters of it, routers, or a new shard: what is said of them is said of all that come.
 * @throws UsageError for words that make no sense here, and for a member that would take another's vote.
 */
export function settleGrowth(cluster: Cluster, growth: GrowthWords): Settled {
  const words = readWords(growth.settings, WORDS, 'a MongoDB cluster');
  const place = placeOf(cluster, words);
  const names = nextNames(cluster, countOf(cluster, growth, words, place));
  const settings = withWords(settingsOf(cluster), names, words);
  const newcomers: readonly Seat[] = names.map((name) => ({ name, ...place }));
  const seats = [...cluster.nodes, ...newcomers];
  assertArbiters(cluster, place, names.length);
  assertNodes(settings, seats);
  assertVotes(cluster, settings, seats, place);
  return { settings, seats: words.shard ? withPrimaries(newcomers, settings) : newcomers };
}

type Place = Omit<Seat, 'name'>;

function placeOf(cluster: Cluster, { group, router, shard, arbiter }: Words): Place {
  const { shards } = settingsOf(cluster);
  if (shards === null) {
    const other = group !== undefined ? '--group' : router ? '--router' : shard ? '--shard' : null;
    if (other !== null) throw new UsageError(`${other}: '${cluster.name}' is one replica set, and has no parts.`);
    return { role: arbiter ? 'arbiter' : 'secondary', group: null };
  }
  if ([group !== undefined, router, shard].filter(Boolean).length !== 1) {
    const sets = setsOf(cluster).map((set) => set.name);
    throw new UsageError(
      `'${cluster.name}' is sharded: say where they come, by one of --group ${sets.join('|')}, --router, --shard.`,
    );
  }
  if (arbiter && group === undefined) throw new UsageError('--arbiter: an arbiter joins a set that is there: --group.');
  if (router) return { role: 'router', group: ROUTERS };
  if (shard) return { role: 'secondary', group: `shard${shards + 1}` };
  return placeIn(cluster, group ?? '', arbiter);
}

function placeIn(cluster: Cluster, group: string, arbiter: boolean): Place {
  const sets = setsOf(cluster).map((set) => set.name);
  if (!sets.includes(group)) throw new UsageError(`--group ${group}: there are ${sets.join(', ')}.`);
  if (arbiter && group === CONFIG_SERVERS) throw new UsageError('--arbiter: config servers have none.');
  return { role: arbiter ? 'arbiter' : 'secondary', group };
}

const A_SET = { whole: 'a replica set', most: MOST_MEMBERS, of: 'members' };
const PARTS = { whole: 'a sharded cluster', most: MOST_PARTS };

/** A shard has as many members as the last before it has with data, when nothing was said. */
function countOf(cluster: Cluster, growth: GrowthWords, { router, shard }: Words, { group }: Place): number {
  if (router) return wantedNewcomers(growth, routersOf(cluster).length, { ...PARTS, of: 'routers' });
  if (!shard) return wantedNewcomers(growth, membersIn(cluster, group).length, A_SET);
  const shards = shardsOf(cluster);
  const last = shards.at(-1);
  wantedNewcomers({ nodes: 1 }, shards.length, { ...PARTS, of: 'shards' });
  return wantedNewcomers({ nodes: growth.nodes ?? (last === undefined ? 1 : dataMembers(last).length) }, 0, A_SET);
}

function membersIn({ nodes }: Cluster, group: string | null): Cluster['nodes'] {
  return nodes.filter((node) => node.group === group);
}

function withWords(settings: MongoSettings, names: readonly string[], words: Words): MongoSettings {
  const { hidden, priority, delay, tag, shard } = words;
  const ofAll = <T>(value: T) => Object.fromEntries(names.map((name) => [name, value]));
  return {
    ...settings,
    ...(shard && { shards: (settings.shards ?? 0) + 1 }),
    ...(hidden && { hidden: [...settings.hidden, ...names] }),
    ...(priority !== undefined && { priorities: { ...settings.priorities, ...ofAll(priority) } }),
    ...(delay !== undefined && { delays: { ...settings.delays, ...ofAll(delay) } }),
    ...(tag.length > 0 && { tags: { ...settings.tags, ...ofAll(Object.fromEntries(tag.map(readTag))) } }),
  };
}

function readTag(text: string): readonly [name: string, value: string] {
  const [, name, value] = /^([^:=]+)[:=](.+)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new UsageError(`--tag ${text}: write it like --tag dc:east.`);
  }
  return [name, value];
}

/** That there may be several a server is told when it starts, and those that run were not. */
function assertArbiters(cluster: Cluster, { role, group }: Place, count: number): void {
  if (role !== 'arbiter' || settingsOf(cluster).arbiters > 1) return;
  const members = membersIn(cluster, group);
  const present = members.filter((node) => node.role === 'arbiter').length;
  const server = members[0]?.server ?? '';
  if (present + count < 2 || !has(readTitle(server), 'refusesSeveralArbiters')) return;
  throw new UsageError(`--arbiter: with ${server} a set has one at most, unless it was created with several.`);
}

/** @throws UsageError when a member of before would lose its vote. */
function assertVotes(cluster: Cluster, settings: MongoSettings, seats: readonly Seat[], { group }: Place): void {
  if (group === ROUTERS) return;
  const had = votersOf(settingsOf(cluster), membersIn(cluster, group));
  const have = votersOf(
    settings,
    seats.filter((seat) => seat.group === group),
  );
  const lost = [...had].filter((name) => !have.has(name));
  if (lost.length === 0) return;
  throw new UsageError(`Only seven members vote, and ${lost.join(', ')} would lose the vote to those that come.`, {
    suggestions: ['A member without a vote comes by --priority 0.'],
  });
}
