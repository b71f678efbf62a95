import { describe, expect, test } from 'vitest';
import ReplicationCreate from '../../../../src/commands/replication/create.js';
import { SHAPES, linksOf, linksUpFrom, sourcesOf } from '../../../../src/topologies/replication/shapes.js';

const NODES = ['node1', 'node2', 'node3', 'node4'];
const text = (shape: (typeof SHAPES)[number]) =>
  linksOf(sourcesOf(shape, NODES)).map(
    ({ replica, source, channel }) => `${replica}←${source}${channel && `(${channel})`}`,
  );

describe('linksUpFrom', () => {
  const up = (shape: (typeof SHAPES)[number], at: string) =>
    linksUpFrom(sourcesOf(shape, NODES), at).map(({ replica, source }) => `${replica}←${source}`);

  test('on a ring what the next has goes round it, the farthest first', () => {
    expect(up('ring', 'node1')).toEqual(['node3←node2', 'node4←node3', 'node1←node4']);
  });

  test('of all masters each hands over itself; a primary has all', () => {
    expect(up('all-masters', 'node2').toSorted()).toEqual(['node2←node1', 'node2←node3', 'node2←node4']);
    expect(up('star', 'node1')).toEqual([]);
    expect(up('chain', 'node3')).toEqual(['node2←node1', 'node3←node2']);
  });
});

describe('sourcesOf, linksOf', () => {
  test('star: all from the first', () => {
    expect(text('star')).toEqual(['node2←node1', 'node3←node1', 'node4←node1']);
  });

  test('chain: each from the one before, the nearest to the primary first', () => {
    expect(text('chain')).toEqual(['node2←node1', 'node3←node2', 'node4←node3']);
    expect(linksOf({ node1: ['node2'], node2: ['node3'], node3: [] }).map(({ replica }) => replica)).toEqual([
      'node2',
      'node1',
    ]);
  });

  test('ring: the first from the last', () => {
    expect(text('ring').toSorted()).toEqual(['node1←node4', 'node2←node1', 'node3←node2', 'node4←node3']);
  });

  test('fan-in: the last from all others, a channel each', () => {
    expect(text('fan-in')).toEqual(['node4←node1(node1)', 'node4←node2(node2)', 'node4←node3(node3)']);
  });

  test('all-masters: everybody from everybody else', () => {
    expect(text('all-masters')).toHaveLength(12);
    expect(sourcesOf('all-masters', NODES).node2).toEqual(['node1', 'node3', 'node4']);
  });

  test('one source is the default channel', () => {
    expect(linksOf(sourcesOf('fan-in', ['node1', 'node2']))).toEqual([
      { replica: 'node2', source: 'node1', channel: '' },
    ]);
  });
});

test('the command offers the shapes that there are', () => {
  expect(ReplicationCreate.flags.shape.options).toEqual(SHAPES);
});
