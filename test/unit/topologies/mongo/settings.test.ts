import { describe, expect, test } from 'vitest';
import type { ClusterSpec } from '../../../../src/cluster/cluster.js';
import { UsageError } from '../../../../src/errors/errors.js';
import { settle, taggedSettings, votersOf, readSettings } from '../../../../src/topologies/mongo/settings.js';
import { zonedCluster } from '../../../fakes/cluster.js';
import { mongoCluster } from '../../../fakes/mongo.js';

const settled = (settings: ClusterSpec['settings'] = {}, spec: Partial<ClusterSpec> = {}) =>
  settle({ topology: 'mongo', settings, ...spec });
const placesOf = (...words: Parameters<typeof settled>) =>
  settled(...words).seats.map(({ name, role, group }) => `${name} ${role}${group === null ? '' : ` of ${group}`}`);

describe('seats', () => {
  test('without words: three members, the first of them primary', () => {
    expect(placesOf()).toEqual(['node1 primary', 'node2 secondary', 'node3 secondary']);
  });

  test('arbiters come on top, and after the nodes', () => {
    expect(placesOf({ arbiters: 1 }, { nodes: 2 })).toEqual(['node1 primary', 'node2 secondary', 'node3 arbiter']);
  });

  test('whoever has the highest priority begins as primary, and nobody who is hidden', () => {
    expect(placesOf({ priorities: { node2: 5 } })[1]).toBe('node2 primary');
    expect(placesOf({ hidden: ['node1'] })).toEqual(['node1 secondary', 'node2 primary', 'node3 secondary']);
  });

  test('a sharded cluster: shards, config servers, routers', () => {
    expect(placesOf({ shards: 2, configNodes: 1, routers: 2, arbiters: 1 }, { nodes: 1 })).toEqual([
      'node1 primary of shard1',
      'node2 arbiter of shard1',
      'node3 primary of shard2',
      'node4 arbiter of shard2',
      'node5 primary of config',
      'node6 router of routers',
      'node7 router of routers',
    ]);
  });
});

describe('votes', () => {
  const votersAmong = (nodes: number, settings = {}) => {
    const { seats } = settled(settings, { nodes });
    return [...votersOf(readSettings(settings), seats)].sort();
  };

  test('seven at most', () => {
    expect(votersAmong(9)).toEqual(['node1', 'node2', 'node3', 'node4', 'node5', 'node6', 'node7']);
  });

  test('arbiters have one, then those with a priority, then those who can become primary', () => {
    expect(votersAmong(8, { arbiters: 1, priorities: { node8: 2 }, hidden: ['node1'] })).toEqual([
      ...['node2', 'node3', 'node4', 'node5', 'node6'],
      ...['node8', 'node9'],
    ]);
  });
});

test.each<[ClusterSpec['settings'], Partial<ClusterSpec>, string]>([
  [{}, { nodes: 0 }, '--nodes 0: a replica set has 1 to 50.'],
  [{}, { nodes: 51 }, '--nodes 51: a replica set has 1 to 50.'],
  [{ arbiters: 7 }, {}, '--arbiters 7'],
  [{ arbiters: 2 }, { nodes: 49 }, 'a replica set has at most 50 members'],
  [{ hidden: ['node4'] }, {}, '--hidden node4: there is no node4'],
  [{ arbiters: 1, hidden: ['node4'] }, {}, '--hidden node4: node4 is an arbiter, which holds no data.'],
  [{ shards: 1, tags: { node7: { dc: 'x' } } }, {}, '--tag node7: node7 is a router, which holds no data.'],
  [{ priorities: { node1: 1001 } }, {}, '--priority node1=1001: it is 0 to 1000.'],
  [{ priorities: { node1: 2 }, hidden: ['node1'] }, {}, "a hidden or delayed member can't become primary"],
  [{ hidden: ['node1', 'node2', 'node3'] }, {}, 'No node of the set could become primary'],
  [{ delays: { node3: 0.5 } }, {}, '--delay node3=0.5s'],
  [{ shards: 1, delays: { node4: 60 } }, {}, "a config server can't be delayed"],
  [{ shards: 0 }, {}, '--shards 0'],
  [{ shards: 1, routers: 0 }, {}, '--routers 0'],
  [{ shards: 1, configNodes: 51 }, {}, '--config-nodes 51'],
  [{ oplogSize: 0 }, {}, '--oplog-size 0'],
  [{}, { password: 'x' }, '--password-file goes with --auth'],
  [{}, { options: [{ key: 'replSet', value: 'x' }] }, "'replSet' is set by dbns itself"],
  [{}, { options: [{ key: 'storage.dbPath', value: 'x' }] }, 'write it as on its command line'],
  [
    { priorities: Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`node${at + 1}`, 2])) },
    { nodes: 8 },
    'only seven members vote',
  ],
])('%j with %j is refused', (settings, spec, message) => {
  expect(() => settled(settings, spec)).toThrow(UsageError);
  expect(() => settled(settings, spec)).toThrow(message);
});

test('with zones each node is tagged with its own, beside the tags that it was given', () => {
  const { network } = zonedCluster(3, 2);
  const cluster = mongoCluster({ tags: { node1: { dc: 'east' }, node3: { zone: 'mine' } } });
  expect(taggedSettings(cluster).tags).toEqual({ node1: { dc: 'east' }, node3: { zone: 'mine' } });
  const [first, second, third] = zonedCluster(3, 2).nodes.map(({ address }) => address);
  const nodes = cluster.nodes.map((node, at) => ({ ...node, address: [first, second, third][at] ?? '' }));
  expect(taggedSettings({ ...cluster, network, nodes }).tags).toEqual({
    node1: { zone: 'a', dc: 'east' },
    node2: { zone: 'b' },
    node3: { zone: 'mine' },
  });
});
