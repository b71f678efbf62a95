import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/errors/errors.js';
import { incrementOf } from '../../../../src/topologies/replication/config.js';
import { settleNewcomers } from '../../../../src/topologies/replication/growth/newcomers.js';
import { settle } from '../../../../src/topologies/replication/settings.js';
import { sampleCluster } from '../../../fakes/cluster.js';

const clusterOf = (words = {}) =>
  sampleCluster(3, {
    topology: 'replication',
    settings: settle({ topology: 'replication', settings: words }).settings,
  });
const come = (words = {}, nodes: number | null = null, cluster = clusterOf()) =>
  settleNewcomers(cluster, { nodes, settings: words });

describe('settleNewcomers', () => {
  test('one node comes when nothing is said, by the next number', () => {
    const { settings, seats } = come({}, null, { ...clusterOf(), nextIndex: 7 });
    expect(seats).toEqual([{ name: 'node7', role: 'replica', group: null }]);
    expect(settings).toMatchObject({ sources: { node1: [], node2: ['node1'], node3: ['node1'], node7: ['node1'] } });
  });

  test('delay and filter are of all that come', () => {
    const { settings } = come({ source: 'node2', delay: 60, filter: ['shop.%'] }, 2);
    expect(settings).toMatchObject({
      delays: { node4: 60, node5: 60 },
      filters: { node4: ['shop.%'], node5: ['shop.%'] },
      sources: { node4: ['node2'], node5: ['node2'] },
    });
  });

  test.each([
    [{ arbiter: true, shard: true }, 'takes --source, --delay and --filter, not --arbiter, --shard.'],
    [{ delay: 0.5 }, '--delay node4=0.5s: servers delay by whole seconds'],
    [{ filter: ['shop'] }, '--filter node4=shop: write DATABASE.TABLE'],
    [{ source: 'node9' }, '--source node9: the nodes are'],
  ])('%j is refused', (words, message) => {
    expect(() => come(words)).toThrow(UsageError);
    expect(() => come(words)).toThrow(message);
  });

  test('a primary can neither be late nor leave anything out', () => {
    expect(() => come({ delay: 60 }, 1, clusterOf({ shape: 'fan-in' }))).toThrow('--delay node4=…: node4 is a primary');
  });

  test('two masters of which one has a filter get no third one by GTID', () => {
    const words = { shape: 'all-masters', filters: { node2: ['a.%'] } };
    const { settings } = settle({ topology: 'replication', nodes: 2, settings: words });
    const two = sampleCluster(2, { topology: 'replication', settings });
    expect(() => come({}, 1, two)).toThrow('among all masters the others get by way of node2 too what it leaves out');
  });

  test.each([0, 62, 1.5])('%d nodes are refused', (nodes) => {
    expect(() => come({}, nodes)).toThrow(`--nodes ${nodes}: 1 to 61 can come`);
  });
});

test.each([
  [[1], 1],
  [[1, 2], 2],
  [[1, 2, 3], 4],
  [[1, 4], 4],
  [[2, 9], 16],
])('nodes %j count by %d: an offset that is greater would be ignored', (indexes, increment) => {
  const [node] = sampleCluster(1).nodes;
  if (node === undefined) throw new Error('no node');
  expect(incrementOf({ nodes: indexes.map((index) => ({ ...node, index })) })).toBe(increment);
});
