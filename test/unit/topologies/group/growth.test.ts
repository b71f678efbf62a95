import { describe, expect, test } from 'vitest';
import { settledPart, without, type Cluster } from '../../../../src/cluster/cluster.js';
import { stepsOf } from '../../../../src/cluster/plan.js';
import { UsageError } from '../../../../src/errors/errors.js';
import { wayTo } from '../../../../src/topologies/group/growth/donor.js';
import { growth } from '../../../../src/topologies/group/growth/growth.js';
import { renderConfig } from '../../../../src/topologies/group/config.js';
import { seedsPlan } from '../../../../src/topologies/group/growth/seeds.js';
import type { View } from '../../../../src/topologies/group/member.js';
import { settle } from '../../../../src/topologies/group/settings.js';
import { viewWithout } from '../../../../src/topologies/group/standing.js';
import { fakeMachine } from '../../../fakes/machine.js';
import { MYSQL_9_7, nodeOf, nodeServer, sampleCluster, sampleSetting } from '../../../fakes/cluster.js';

const groupOf = (nodes: number, changes: Partial<Cluster> = {}) =>
  sampleCluster(nodes, { topology: 'group', settings: settle({ topology: 'group' }).settings, ...changes });

describe('who comes', () => {
  const come = (nodes: number | null, settings = {}, cluster = groupOf(3)) =>
    growth.settle(cluster, { nodes, settings });

  test('is a member like all others, numbered on from the last that ever was', () => {
    expect(come(null).seats).toEqual([{ name: 'node4', role: 'member', group: null }]);
    expect(come(2, {}, groupOf(3, { nextIndex: 8 })).seats.map(({ name }) => name)).toEqual(['node8', 'node9']);
    expect(come(2).settings).toEqual(groupOf(3).settings);
  });

  test.each<[number | null, object, string]>([
    [7, {}, '--nodes 7: a group has at most 9 nodes, and there are 3.'],
    [0, {}, '--nodes 0: one comes at least.'],
    [1, { arbiter: true }, '--arbiter: a group takes no such word.'],
    [null, { source: 'node1' }, '--source: a group takes no such word.'],
  ])('%s %j is refused', (nodes, words, message) => {
    expect(() => come(nodes, words)).toThrow(UsageError);
    expect(() => come(nodes, words)).toThrow(message);
  });
});

test('when a removal was broken off before its end, the next names no one that is gone in the seeds', () => {
  const whole = groupOf(4);
  const nodes = whole.nodes.map((node) => (node.name === 'node4' ? { ...node, phase: 'removing' as const } : node));
  const cluster = { ...whole, nodes };
  const node = nodeOf(cluster);
  const configOf = (names: readonly string[]) =>
    renderConfig(
      { ...cluster, nodes: nodes.filter(({ name }) => names.includes(name)) },
      node,
      MYSQL_9_7,
      nodeServer(MYSQL_9_7).image,
    );
  const path = `${node.directory}/my.cnf`;
  const machine = fakeMachine({ files: { [path]: configOf(['node1', 'node2', 'node3']) } });
  const setting = { ...sampleSetting(cluster, nodeServer(MYSQL_9_7)), machine };
  const after = settledPart(without(cluster, [nodeOf(cluster, 3)]));
  const [step] = stepsOf(seedsPlan(setting, { before: cluster, after }, [node], () => false));
  expect(step?.acts).toMatchObject([{ path, content: configOf(['node1', 'node2']) }]);
});

describe('the way to the data', () => {
  const NAME = '64626e73-0000-4000-8000-0000a1b2c3d4';
  const donor = (purged: string, threshold = 9e18) => ({ executed: `${NAME}:1-1000:1000004`, purged, threshold });
  const way = (...donors: ReturnType<typeof donor>[]) =>
    wayTo(new Map(donors.map((one, position) => [`node${position + 1}`, one])));

  test('are binary logs, where one member has them all', () => {
    expect(way(donor(''), donor(''))).toBe(
      'all 1001 transactions from the binary logs, which node1, node2 have whole.',
    );
    expect(way(donor(`${NAME}:1-5`), donor(''))).toBe(
      'all 1001 transactions from the binary logs, which node2 has whole.',
    );
  });

  test('is a clone where nobody has, and where the server says that it is too much', () => {
    expect(way(donor(`${NAME}:1-5,\nb:1`), donor(`${NAME}:1-5`))).toBe(
      `a copy of all data (CLONE), after which the server restarts: no member has all binary logs (node1 lacks ${NAME}:1-5,b:1).`,
    );
    expect(way(donor('', 1000))).toContain('1001 transactions are more than group_replication_clone_threshold (1000)');
  });
});

describe('the group without some', () => {
  const view = (id: string, peers: readonly string[], changes: Partial<View> = {}): View => ({
    ...{ id, state: 'ONLINE', role: 'SECONDARY', members: 3, reached: peers.length, online: peers.length },
    ...{ ids: ['a', 'b', 'c'], hosts: [], peers, readOnly: true, ...changes },
  });
  const whole = new Map(['a', 'b', 'c'].map((id, position) => [`node${position + 1}`, view(id, ['a', 'b', 'c'])]));
  const oneDied = new Map([...whole].slice(0, 2).map(([name, { id }]) => [name, view(id, ['a', 'b'])] as const));

  test('has left those that end in order', () => {
    expect(viewWithout(whole, ['node3'])).toEqual({ members: 2, reached: 2 });
    expect(viewWithout(whole, ['node1', 'node2'])).toEqual({ members: 1, reached: 1 });
    expect(viewWithout(whole, ['node1', 'node2', 'node3'])).toEqual({ members: 0, reached: 0 });
  });

  test('counts one that died until it is expelled, whether it is to leave or not', () => {
    expect(viewWithout(oneDied, ['node2'])).toEqual({ members: 2, reached: 1 });
    expect(viewWithout(oneDied, ['node2', 'node3'])).toEqual({ members: 2, reached: 1 });
    expect(viewWithout(oneDied, ['node3'])).toEqual({ members: 3, reached: 2 });
  });

  test('does not count one that is in no group', () => {
    const apart = view('c', [], { state: 'OFFLINE', members: 1 });
    const two = ['a', 'b'].map((id, at) => [`node${at + 1}`, view(id, ['a', 'b'], { members: 2 })] as const);
    expect(viewWithout(new Map([...two, ['node3', apart]]), ['node3'])).toEqual({ members: 2, reached: 2 });
    expect(viewWithout(new Map([...two, ['node3', apart]]), ['node1', 'node2'])).toEqual({ members: 0, reached: 0 });
  });

  test('is none where nobody has a quorum', () => {
    expect(viewWithout(new Map([['node1', view('a', ['a'])]]), ['node2'])).toBeNull();
  });
});

describe('where no node answers', () => {
  const cluster = groupOf(3);
  const setting = sampleSetting(cluster, nodeServer(MYSQL_9_7));
  const [node1, ...others] = cluster.nodes;
  if (node1 === undefined) throw new Error('no node');
  const shrink = (force: boolean) => growth.shrink({ setting, leaving: [node1], running: [], force, returns: false });

  test('nobody comes', async () => {
    const request = { setting, before: { ...cluster, nodes: others }, newcomers: [node1], running: [] };
    await expect(growth.grow({ ...request, pristines: new Map() })).rejects.toMatchObject({
      exitCode: 5,
      suggestions: ['dbns status east', 'dbns start east'],
    });
  });

  test('nobody leaves, for nobody knows what the others have; but by force', async () => {
    await expect(shrink(false)).rejects.toMatchObject({
      exitCode: 5,
      suggestions: ['dbns start east', 'Whatever is lost with it: dbns remove east node1 --force'],
    });
    const { notes, after } = await shrink(true);
    expect(notes).toEqual(['The group has no quorum then, and takes no writes: dbns start east makes it again.']);
    expect(JSON.stringify(after)).toContain('bring my.cnf of node2 up to date');
    expect(JSON.stringify(after)).not.toContain(`${node1.address}:33061`);
  });
});
