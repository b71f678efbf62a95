import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/errors/errors.js';
import { settle } from '../../../../src/topologies/replication/settings.js';

const settled = (settings = {}, nodes = 3) => settle({ topology: 'replication', nodes, settings }).settings;

describe('settle', () => {
  test('without words: a star by GTID', () => {
    expect(settled()).toEqual({
      ...{ shape: 'star', gtid: true, semiSync: false, workers: null, delays: {}, filters: {}, orphans: [] },
      sources: { node1: [], node2: ['node1'], node3: ['node1'] },
    });
  });

  test.each([
    [{ delays: { node1: 60 } }, '--delay node1=…: node1 is a primary and replicates from nobody.'],
    [{ delays: { node9: 60 } }, '--delay node9=…: the nodes are node1, node2, node3.'],
    [{ delays: { node2: 0.5 } }, '--delay node2=0.5s: servers delay by whole seconds'],
    [{ filters: { node2: ['db1'] } }, '--filter node2=db1: write DATABASE.TABLE'],
    [{ filters: { node2: ["db1.t'x"] } }, 'write DATABASE.TABLE'],
    [{ filters: { node1: ['db1.%'] } }, '--filter node1=…: node1 is a primary'],
    [{ shape: 'all-masters', filters: { node2: ['db1.%'] } }, 'the others get by way of node2 too what it leaves out'],
    [{ workers: 0 }, '--parallel-workers 0: a replica has 1 to 1024 of them.'],
    [{ shape: 'circle' }, '--shape: Invalid type: Expected ("star" | "chain" |'],
    [{ delays: { node2: '60' } }, '--delays.node2: Invalid type: Expected number but received "60".'],
    [{ shape: 'ring', semiSync: true }, '--semi-sync waits for replicas of one primary'],
  ])('%j is refused', (settings, message) => {
    expect(() => settled(settings)).toThrow(UsageError);
    expect(() => settled(settings)).toThrow(message);
  });

  test('a shape has its least number of nodes', () => {
    expect(() => settled({ shape: 'ring' }, 1)).toThrow('--shape ring needs at least 2 nodes.');
    expect(settled({ shape: 'star' }, 1)).toMatchObject({ sources: { node1: [] } });
  });

  test('delays and filters are for replicas', () => {
    expect(settled({ delays: { node3: 3600 }, filters: { node2: ['db1.%', 'db2.t_'] } })).toMatchObject({
      delays: { node3: 3600 },
      filters: { node2: ['db1.%', 'db2.t_'] },
    });
  });

  test('among all masters a filter goes with positions, or where there is no third node', () => {
    const words = { shape: 'all-masters', filters: { node2: ['db1.%'] } };
    expect(settled({ ...words, gtid: false })).toMatchObject({ filters: words.filters });
    expect(settled(words, 2)).toMatchObject({ filters: words.filters });
  });

  test('options that dbns sets itself are refused', () => {
    const options = [{ key: 'server-id', value: '7' }];
    expect(() => settle({ topology: 'replication', options })).toThrow(UsageError);
  });
});
