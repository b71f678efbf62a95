import { describe, expect, test } from 'vitest';
import { without, type Cluster, type Node } from '../../../../src/cluster/cluster.js';
import { stepsOf, type Plan } from '../../../../src/cluster/plan.js';
import { UsageError } from '../../../../src/errors/errors.js';
import type { Document } from '../../../../src/servers/mongod/client.js';
import {
  inTurn,
  withMembers,
  withVotes,
  withoutMembers,
  type Change,
} from '../../../../src/topologies/mongo/growth/configuration.js';
import { readDrain } from '../../../../src/topologies/mongo/growth/drain.js';
import { growSet } from '../../../../src/topologies/mongo/growth/grow.js';
import { growth } from '../../../../src/topologies/mongo/growth/growth.js';
import { judgeRouter } from '../../../../src/topologies/mongo/health.js';
import { departureOf } from '../../../../src/topologies/mongo/growth/leave-set.js';
import type { Member } from '../../../../src/topologies/mongo/member.js';
import { setOfNode } from '../../../../src/topologies/mongo/replica-set.js';
import { nodeOf, nodeServer, sampleSetting } from '../../../fakes/cluster.js';
import { MONGODB_8_0, mongoCluster } from '../../../fakes/mongo.js';

const settingOf = (cluster: Cluster) => sampleSetting(cluster, { ...nodeServer(), build: MONGODB_8_0 });
const stepNames = (...plans: readonly Plan[]) => plans.flatMap(stepsOf).map(({ step }) => step);
const named = (cluster: Cluster, ...names: string[]) => cluster.nodes.filter(({ name }) => names.includes(name));
/** node1, node2: shard1; node3, node4: shard2; node5 to node7: config servers; node8: a router. */
const sharded = (settings = {}) => mongoCluster({ shards: 2, ...settings }, 2);

describe('who comes', () => {
  const come = (cluster: Cluster, settings = {}, nodes: number | null = null) =>
    growth.settle(cluster, { nodes, settings });
  const seats = (...words: Parameters<typeof come>) =>
    come(...words).seats.map(({ name, role, group }) => `${name} ${role}${group === null ? '' : ` of ${group}`}`);

  test('to a set: a member, or what it is said to be', () => {
    expect(seats(mongoCluster())).toEqual(['node4 secondary']);
    expect(seats(mongoCluster(), { arbiter: true })).toEqual(['node4 arbiter']);
    expect(
      come(mongoCluster({ priorities: { node1: 5 } }), { priority: 2, tag: ['dc:east', 'rack=7'] }, 2).settings,
    ).toMatchObject({
      priorities: { node1: 5, node4: 2, node5: 2 },
      tags: { node4: { dc: 'east', rack: '7' }, node5: { dc: 'east', rack: '7' } },
    });
    expect(come(mongoCluster(), { hidden: true, delay: 60 }).settings).toMatchObject({
      hidden: ['node4'],
      delays: { node4: 60 },
    });
  });

  test('to a sharded cluster: where it was said', () => {
    expect(seats(sharded(), { group: 'shard1' })).toEqual(['node9 secondary of shard1']);
    expect(seats(sharded(), { group: 'config' })).toEqual(['node9 secondary of config']);
    expect(seats(sharded(), { router: true }, 2)).toEqual(['node9 router of routers', 'node10 router of routers']);
    expect(seats(sharded(), { shard: true })).toEqual(['node9 primary of shard3', 'node10 secondary of shard3']);
    expect(seats(sharded(), { shard: true }, 1)).toEqual(['node9 primary of shard3']);
  });

  test('a shard never gets the name of one that was removed', () => {
    const cluster = sharded();
    const { settings } = come(cluster, { shard: true });
    expect(settings.shards).toBe(3);
    expect(seats({ ...cluster, settings }, { shard: true }, 1)).toEqual(['node9 primary of shard4']);
  });

  test.each<[string, Cluster, object, number | null, string]>([
    ['a word of others', mongoCluster(), { source: 'node1' }, null, '--source: a MongoDB cluster takes no such word.'],
    ['a part of what has none', mongoCluster(), { router: true }, null, "--router: 'east' is one replica set"],
    [
      'no part',
      sharded(),
      {},
      null,
      "'east' is sharded: say where they come, by one of --group shard1|shard2|config, --router, --shard.",
    ],
    ['two parts', sharded(), { router: true, group: 'shard1' }, null, 'say where they come'],
    ['no such part', sharded(), { group: 'shard7' }, null, '--group shard7: there are shard1, shard2, config.'],
    [
      'an arbiter of config servers',
      sharded(),
      { group: 'config', arbiter: true },
      null,
      '--arbiter: config servers have none.',
    ],
    ['an arbiter of nothing', sharded(), { shard: true, arbiter: true }, null, 'an arbiter joins a set that is there'],
    ['a hidden arbiter', mongoCluster(), { arbiter: true, hidden: true }, null, '--hidden node4: node4 is an arbiter'],
    ['a delayed router', sharded(), { router: true, delay: 5 }, null, '--delay node9: node9 is a router'],
    ['a delayed config server', sharded(), { group: 'config', delay: 5 }, null, "a config server can't be delayed"],
    ['a hidden shard', sharded(), { shard: true, hidden: true }, null, 'No node of shard3 could become primary'],
    [
      'a priority that is none',
      mongoCluster(),
      { priority: Number.NaN },
      null,
      '--priority: Invalid type: Expected number but received NaN.',
    ],
    ['a priority of a hidden one', mongoCluster(), { priority: 1, hidden: true }, null, "can't become primary"],
    ['a tag without value', mongoCluster(), { tag: ['east'] }, null, '--tag east: write it like --tag dc:east.'],
    ['nobody', mongoCluster(), {}, 0, '--nodes 0: one comes at least.'],
    ['too many', mongoCluster(), {}, 48, '--nodes 48: a replica set has at most 50 members, and there are 3.'],
    [
      'a second arbiter',
      mongoCluster({ arbiters: 1 }),
      { arbiter: true },
      null,
      'with mongodb 8.0.4 a set has one at most',
    ],
    ['two arbiters', mongoCluster(), { arbiter: true }, 2, 'with mongodb 8.0.4 a set has one at most'],
    [
      'an eighth vote',
      mongoCluster({}, 7),
      { arbiter: true },
      null,
      'Only seven members vote, and node7 would lose the vote',
    ],
    ['a vote of another', mongoCluster({ hidden: ['node7'] }, 7), {}, null, 'node7 would lose the vote'],
  ])('%s is refused', (_, cluster, settings, nodes, message) => {
    expect(() => come(cluster, settings, nodes)).toThrow(UsageError);
    expect(() => come(cluster, settings, nodes)).toThrow(message);
  });

  test('an eighth member is none that votes; of several arbiters another', () => {
    expect(seats(mongoCluster({}, 7))).toEqual(['node8 secondary']);
    expect(seats(mongoCluster({ hidden: ['node7'] }, 7), { priority: 0 })).toEqual(['node8 secondary']);
    expect(seats(mongoCluster({ arbiters: 2 }), { arbiter: true })).toEqual(['node6 arbiter']);
  });

  test('the roles that are saved may be of long ago', () => {
    const cluster = mongoCluster();
    const nodes = cluster.nodes.map((node) => ({ ...node, role: 'secondary' }));
    expect(seats({ ...cluster, nodes })).toEqual(['node4 secondary']);
  });
});

describe('configurations', () => {
  const entry = (host: string, votes = 1, priority = votes) => ({ host, votes, priority });
  const config = (...members: Document[]): Document => ({ _id: 'rs0', version: 3, members });
  /** Every configuration on the way, as HOST:VOTES. */
  const way = (change: Change, from: Document) => {
    const configs: Document[] = [];
    for (let next = change(from); next !== null; next = change(next)) configs.push(next);
    return configs.map(({ members }) =>
      (members as Document[]).map(({ _id, host, votes }) => `${_id} ${host}:${votes}`).join(', '),
    );
  };
  const two = config({ _id: 0, ...entry('a') }, { _id: 4, ...entry('b') });

  test('take in together who has no vote, others by themselves, and give numbers from the highest on', () => {
    expect(way(withMembers([entry('c', 0), entry('d', 1), entry('e', 1), entry('f', 0)]), two)).toEqual([
      '0 a:1, 4 b:1, 5 c:0, 6 f:0',
      '0 a:1, 4 b:1, 5 c:0, 6 f:0, 7 d:1',
      '0 a:1, 4 b:1, 5 c:0, 6 f:0, 7 d:1, 8 e:1',
    ]);
    expect(way(withMembers([entry('a', 0)]), two)).toEqual([]);
    expect(way(withMembers([entry('c', 0)]), config({ _id: 255, ...entry('a') }))).toEqual(['255 a:1, 0 c:0']);
  });

  test('change one vote after another, and what was changed by hand stays', () => {
    const four = config(entry('a', 1, 7), entry('b', 1), entry('c', 0), entry('d', 0));
    const change = withVotes([entry('c', 1), { ...entry('d', 1), priority: 3 }]);
    expect(way(change, four)).toHaveLength(2);
    const last = [change].reduce((now, next) => next(next(now) ?? now) ?? now, four);
    expect(last.members).toEqual([entry('a', 1, 7), entry('b'), entry('c'), entry('d', 1, 3)]);
  });

  test('let one voter leave after another, then who gets the vote has it', () => {
    const five = config(...['a', 'b', 'c'].map((host) => ({ _id: host, ...entry(host) })), {
      _id: 'd',
      ...entry('d', 0),
    });
    expect(way(inTurn(withoutMembers(['a', 'b']), withVotes([entry('d')])), five)).toEqual([
      'b b:1, c c:1, d d:0',
      'c c:1, d d:0',
      'c c:1, d d:1',
    ]);
    expect(way(withoutMembers(['d']), five)).toEqual(['a a:1, b b:1, c c:1']);
    expect(way(withoutMembers(['gone']), five)).toEqual([]);
  });
});

/** What members say of a set: states by name; who has none does not answer. */
const saying = (states: Readonly<Record<string, string>>): ReadonlyMap<string, Member> =>
  new Map(
    Object.entries(states).map(([name, state], position) => [
      name,
      {
        ...{ state, term: 2, configVersion: 3, votes: 1, priority: 1, hidden: false, delay: null, syncSource: null },
        ...{ optime: { seconds: 100 - position, increment: 1 }, primary: null, lag: 0, electionDate: null },
        ...{ unreachable: {}, message: null },
      },
    ]),
  );

describe('coming', () => {
  const grown = (cluster: Cluster, words: object, nodes: number | null = null) => {
    const { settings, seats } = growth.settle(cluster, { nodes, settings: { ...words } });
    const newcomers = seats.map((seat, position): Node => ({
      ...nodeOf(cluster),
      ...seat,
      phase: 'adding',
      index: cluster.nextIndex + position,
      address: `10.200.0.${100 + position}`,
    }));
    const whole = { ...cluster, settings, nodes: [...cluster.nodes, ...newcomers] };
    return { setting: settingOf(whole), before: cluster, newcomers, running: cluster.nodes, pristines: new Map() };
  };
  const nothing: Plan = { sequence: [] };

  test('to a set: empty, without a vote until a write has reached it', () => {
    const request = grown(mongoCluster(), { hidden: true });
    const { notes, join, finish, beginsAs } = growSet(
      request,
      saying({ node1: 'PRIMARY', node2: 'SECONDARY' }),
      nothing,
    );
    expect(notes[0]).toMatch(/^node4: a copy of all data into an empty directory \(initial sync\)/);
    expect(notes[1]).toBe('rs0: 4 of its members will vote, and a primary needs 3 of them.');
    expect(request.newcomers.map(beginsAs)).toEqual(['empty']);
    expect(stepNames(join, finish)).toEqual([
      ...['start node4', 'let rs0 take in node4', 'see that a write reaches node4', 'give node4 vote and priority'],
    ]);
    const acts = stepsOf({ sequence: [join, finish] }).flatMap((step) => step.acts);
    const asked = acts.flatMap((act) => (act.do === 'ask' ? [act.what] : []));
    expect(asked[0]).toContain('[{"host":"10.200.0.100:27017","votes":0,"priority":0,"hidden":true}]');
    expect(asked[2]).toContain('[{"host":"10.200.0.100:27017","votes":1,"priority":0}]');
  });

  test('an arbiter at once, when the default write concern is said', () => {
    const { notes, join } = growSet(grown(mongoCluster(), { arbiter: true }), saying({ node2: 'PRIMARY' }), nothing);
    expect(notes[0]).toBe('node4: an arbiter holds no data.');
    expect(stepNames(join)).toEqual([
      ...['start node4', 'say the default write concern, unless somebody did', 'let rs0 take in node4'],
      'see that a write reaches node4',
    ]);
  });

  test('a router and a shard, and only where somebody can take them in', async () => {
    const router = await growth.grow(grown(sharded(), { router: true }));
    expect(stepNames(router.join, router.finish)).toEqual([
      ...['start node9', 'wait until node9 answers', 'log in on node9 at its address'],
    ]);
    const request = grown(sharded(), { shard: true }, 1);
    const shard = await growth.grow(request);
    expect(request.newcomers.map(shard.beginsAs)).toEqual(['pristine']);
    expect(stepNames(shard.join)).toContain('tell node9 the members of shard3');
    expect(stepNames(shard.finish)).toEqual(['add shard3', 'log in on node9 at its address']);
    await expect(growth.grow({ ...request, running: [] })).rejects.toMatchObject({ exitCode: 5 });
    await expect(growth.grow({ ...grown(sharded(), { router: true }), running: [] })).rejects.toMatchObject({
      exitCode: 5,
    });
    await expect(growth.grow({ ...grown(mongoCluster(), {}), running: [] })).rejects.toMatchObject({
      exitCode: 5,
      message: 'rs0 has no primary: nobody could take newcomers in.',
    });
  });

  test('a config server is told to the routers', async () => {
    const request = grown(sharded(), { group: 'config' });
    const { finish } = growSet(request, saying({ node5: 'PRIMARY' }), nothing);
    expect(stepNames(finish)).toEqual(['give node9 vote and priority']);
    await expect(growth.grow({ ...request, running: [] })).rejects.toThrow('config has no primary');
  });
});

describe('leaving a set', () => {
  const leave = (
    cluster: Cluster,
    names: readonly string[],
    states: Readonly<Record<string, string>>,
    force = false,
  ) => {
    const leaving = named(cluster, ...names);
    const set = setOfNode(cluster, leaving[0] ?? nodeOf(cluster));
    if (set === null) throw new Error('no set');
    return departureOf({ setting: settingOf(cluster), leaving, force }, set, without(cluster, leaving), saying(states));
  };
  const three = { node1: 'PRIMARY', node2: 'SECONDARY', node3: 'SECONDARY' };

  test('the primary steps down first, and the set is told what it has then', () => {
    const { notes, before } = leave(mongoCluster(), ['node1'], three);
    expect(notes).toEqual([
      'rs0: 2 of its members will vote, and a primary needs 2 of them.',
      'node1 is the primary of rs0: another one is elected before it leaves.',
    ]);
    expect(stepNames(...before)).toEqual([
      'let a member that stays be the primary of rs0',
      'take node1 out of the configuration of rs0',
    ]);
  });

  test('one that died just goes', () => {
    const { before } = leave(mongoCluster(), ['node3'], { node1: 'PRIMARY', node2: 'SECONDARY' });
    expect(stepNames(...before)).toHaveLength(2);
  });

  test.each<[string, readonly string[], Readonly<Record<string, string>>, object]>([
    [
      'without a primary',
      ['node3'],
      { node1: 'SECONDARY' },
      { exitCode: 5, message: expect.stringContaining('rs0 has no primary') as string },
    ],
    [
      'without a majority',
      ['node2'],
      { node1: 'PRIMARY', node2: 'SECONDARY' },
      { exitCode: 5, message: 'rs0 would have no majority: without node2 it has 2 voters, and 1 of them are there.' },
    ],
  ])('nobody leaves it %s, but by force', (_, names, states, error) => {
    const attempt = () => leave(mongoCluster(), names, states);
    try {
      attempt();
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toMatchObject(error);
      expect(thrown).toMatchObject({
        suggestions: expect.arrayContaining([expect.stringContaining('--force')]) as string[],
      });
    }
    const { before, notes } = leave(mongoCluster(), names, states, true);
    expect(stepNames(...before)).toEqual([`take ${names.join(', ')} out of the configuration of rs0 by force`]);
    expect(notes.join()).toContain('node1 takes the configuration');
  });

  test('by force where nobody runs nothing is told to anybody', () => {
    const { before, notes } = leave(mongoCluster(), ['node3'], {}, true);
    expect(before).toEqual([]);
    expect(notes.at(-1)).toContain('goes on naming node3');
  });

  test('so that nobody could be primary is refused', () => {
    const cluster = mongoCluster({ arbiters: 1, hidden: ['node2'] }, 2);
    expect(() => leave(cluster, ['node1'], { node1: 'PRIMARY', node2: 'SECONDARY', node3: 'ARBITER' })).toThrow(
      UsageError,
    );
  });
});

describe('leaving a sharded cluster', () => {
  const leave = (cluster: Cluster, names: readonly string[], force = false) =>
    growth.shrink({
      setting: settingOf(cluster),
      leaving: named(cluster, ...names),
      running: [],
      force,
      returns: false,
    });

  test.each([
    ['router', ['node8']],
    ['shard', ['node1', 'node2', 'node3', 'node4']],
    ['config server', ['node5', 'node6', 'node7']],
  ])('its last %s is refused, by force too', async (part, names) => {
    for (const force of [false, true]) {
      await expect(leave(sharded(), names, force)).rejects.toThrow(
        `would have no ${part}: its last one can't be removed.`,
      );
    }
  });

  test('a shard that nobody can drain, but by force', async () => {
    await expect(leave(sharded(), ['node3', 'node4'])).rejects.toMatchObject({
      exitCode: 5,
      suggestions: ['dbns start east --group routers', expect.stringContaining('dbns remove east node3 node4 --force')],
    });
    const { notes, before, settings } = await leave(sharded({ hidden: ['node4'] }), ['node3', 'node4'], true);
    expect(notes).toEqual(['shard2 is not drained: the config servers go on knowing it, if they do.']);
    expect(stepNames(before)).toEqual([]);
    expect(settings).toMatchObject({ shards: 2, hidden: [] });
  });

  test('a router just goes; routers that stay know the config servers that stay', async () => {
    const cluster = sharded({ routers: 2 });
    const router = await leave(cluster, ['node9']);
    expect(stepNames(router.before, router.after)).toEqual([]);
    const config = await leave(cluster, ['node7'], true);
    expect(stepNames(config.after)).toEqual([
      'bring mongos.conf of node8 up to date',
      'bring mongos.conf of node9 up to date',
    ]);
    const [write] = stepsOf(config.after).flatMap(({ acts }) => acts);
    expect(write).toMatchObject({
      content: expect.stringContaining('config/10.200.0.6:27017,10.200.0.7:27017\n') as string,
    });
  });

  test('a drain is read in its older and newer form', () => {
    expect(readDrain({ state: 'completed' })).toBeNull();
    expect(readDrain({ state: 'started', dbsToMove: ['shop'] })).toEqual({
      chunks: null,
      databases: ['shop'],
      collections: [],
    });
    const ongoing = {
      state: 'ongoing',
      remaining: { chunks: 2, dbs: 1 },
      dbsToMove: ['shop'],
      collectionsToMove: ['shop.t'],
    };
    expect(readDrain(ongoing)).toEqual({ chunks: 2, databases: ['shop'], collections: ['shop.t'] });
  });
});

test('a router is well that does not know a shard yet which is still coming', () => {
  const cluster = sharded();
  const newcomer = { ...nodeOf(cluster), name: 'node9', group: 'shard3' };
  const router = { shards: ['shard1', 'shard2'], chunks: {}, balancer: 'full', balancing: false };
  const judged = (phase: Node['phase']) =>
    judgeRouter(router, { ...cluster, nodes: [...cluster.nodes, { ...newcomer, phase }] });
  expect(judged('adding')).toMatchObject({ healthy: true, status: { error: null } });
  expect(judged('removing')).toMatchObject({ healthy: true });
  expect(judged('added')).toMatchObject({ healthy: false, status: { error: 'does not know shard3' } });
});
