import { describe, expect, test } from 'vitest';
import { ConflictError, UsageError } from '../../../../src/errors/errors.js';
import { withHalfCome, withNewcomers, withoutNodes } from '../../../../src/topologies/replication/growth/reshape.js';
import { readSettings } from '../../../../src/topologies/replication/settings.js';
import { sourcesOf, type Shape, type Sources } from '../../../../src/topologies/replication/shapes.js';

const NAMES = ['node1', 'node2', 'node3'];
const settings = (shape: Shape, changes: { readonly sources?: Sources } & Record<string, unknown> = {}) =>
  readSettings({ shape, sources: sourcesOf(shape, NAMES), ...changes });

describe('withNewcomers', () => {
  const come = (shape: Shape, from: string | null = null, changes = {}) =>
    withNewcomers(settings(shape, changes), ['node4', 'node5'], from);

  test('in a star all replicate from the primary, or from whom it is said', () => {
    expect(come('star')).toMatchObject({ node2: ['node1'], node4: ['node1'], node5: ['node1'] });
    expect(come('star', 'node3')).toMatchObject({ node4: ['node3'], node5: ['node3'] });
    const promoted = { sources: { node1: ['node2'], node2: [], node3: ['node2'] } };
    expect(come('star', null, promoted)).toMatchObject({ node4: ['node2'] });
  });

  test('a chain goes on from its end, which is the node that came last of those as far away', () => {
    expect(come('chain')).toMatchObject({ node4: ['node3'], node5: ['node4'] });
    expect(come('chain', 'node2')).toMatchObject({ node4: ['node2'], node5: ['node2'] });
    const tree = { sources: { node1: [], node2: ['node1'], node3: ['node1'] } };
    expect(come('chain', null, tree)).toMatchObject({ node4: ['node3'] });
  });

  test('a ring takes them between the last and the first, whatever left it', () => {
    expect(come('ring')).toEqual({
      ...{ node1: ['node5'], node2: ['node1'], node3: ['node2'] },
      ...{ node4: ['node3'], node5: ['node4'] },
    });
    const smaller = { sources: { node1: ['node3'], node3: ['node1'] } };
    expect(come('ring', null, smaller)).toMatchObject({ node1: ['node5'], node3: ['node1'], node4: ['node3'] });
  });

  test('all masters replicate from and to all', () => {
    const all = [...NAMES, 'node4', 'node5'];
    expect(come('all-masters')).toEqual(sourcesOf('all-masters', all));
  });

  test('who gathers a fan-in has more sources', () => {
    expect(come('fan-in')).toEqual({
      ...{ node1: [], node2: [], node3: ['node1', 'node2', 'node4', 'node5'] },
      ...{ node4: [], node5: [] },
    });
  });

  test('a source is refused where the shape gives it, and where it is none', () => {
    expect(() => come('ring', 'node1')).toThrow(UsageError);
    expect(() => come('star', 'node9')).toThrow('--source node9: the nodes are node1, node2, node3.');
  });

  test('without a primary, or whoever gathers, nobody can come', () => {
    const orphans = { sources: { node2: [], node3: [] }, orphans: ['node2', 'node3'] };
    expect(() => come('star', null, orphans)).toThrow(ConflictError);
    expect(() => come('chain', null, orphans)).toThrow('It has no primary that a node could replicate from.');
    expect(() => come('fan-in', null, { sources: { node1: [], node2: [] } })).toThrow(ConflictError);
  });
});

describe('withoutNodes', () => {
  const leave = (shape: Shape, leaving: readonly string[], changes = {}) =>
    withoutNodes(settings(shape, changes), leaving);

  test('what followed one in a chain follows its source', () => {
    expect(leave('chain', ['node2'])).toMatchObject({
      settings: { sources: { node1: [], node3: ['node1'] }, orphans: [] },
      moves: [{ replica: 'node3', from: 'node2', to: 'node1' }],
      orphaned: [],
    });
  });

  test('over two that leave, the nearer one first', () => {
    const sources = { node1: [], node2: ['node1'], node3: ['node2'], node4: ['node3'] };
    const { settings: after, moves } = leave('chain', ['node2', 'node3'], { sources });
    expect(moves).toEqual([
      { replica: 'node4', from: 'node3', to: 'node2' },
      { replica: 'node4', from: 'node2', to: 'node1' },
    ]);
    expect(after.sources).toEqual({ node1: [], node4: ['node1'] });
  });

  test('a ring closes', () => {
    expect(leave('ring', ['node3'])).toMatchObject({
      settings: { sources: { node1: ['node2'], node2: ['node1'] } },
      moves: [{ replica: 'node1', from: 'node3', to: 'node2' }],
    });
  });

  test('all masters and fan-ins have one source less', () => {
    expect(leave('all-masters', ['node2'])).toMatchObject({
      settings: { sources: { node1: ['node3'], node3: ['node1'] } },
      moves: [],
    });
    expect(leave('fan-in', ['node1']).settings.sources).toEqual({ node2: [], node3: ['node2'] });
    expect(leave('fan-in', ['node3']).settings.sources).toEqual({ node1: [], node2: [] });
  });

  test('replicas of the primary are left with nobody', () => {
    expect(leave('star', ['node1'])).toMatchObject({
      settings: { sources: { node2: [], node3: [] }, orphans: ['node2', 'node3'] },
      orphaned: ['node2', 'node3'],
    });
    expect(leave('chain', ['node1'])).toMatchObject({
      settings: { sources: { node2: [], node3: ['node2'] }, orphans: ['node2'] },
    });
  });

  test('what was said of those that leave goes with them', () => {
    const said = { delays: { node2: 60, node3: 5 }, filters: { node3: ['a.%'] } };
    expect(leave('star', ['node3'], said).settings).toMatchObject({ delays: { node2: 60 }, filters: {} });
  });

  test('a shape keeps its least number of nodes', () => {
    expect(() => leave('ring', ['node2', 'node3'])).toThrow('The shape ring needs at least 2 nodes: 1 would stay.');
  });
});

describe('withHalfCome', () => {
  test('those that are not in the words yet are where they may have got to', () => {
    const half = withHalfCome(settings('ring'), ['node4']);
    expect(withoutNodes(half, ['node4']).settings.sources).toEqual(settings('ring').sources);
    expect(withoutNodes(half, ['node4']).moves).toEqual([{ replica: 'node1', from: 'node4', to: 'node3' }]);
    const star = withHalfCome(settings('star'), ['node4']);
    expect(withoutNodes(star, ['node4']).settings).toEqual(settings('star'));
  });

  test('nothing changes for those that are', () => {
    const words = settings('star');
    expect(withHalfCome(words, ['node3'])).toBe(words);
  });
});

test('who comes back may leave fewer than the shape needs, and the last of a ring follows nobody', () => {
  const two = settings('ring', { sources: sourcesOf('ring', ['node1', 'node2']) });
  expect(() => withoutNodes(two, ['node2'])).toThrow(ConflictError);
  expect(withoutNodes(two, ['node2'], true)).toMatchObject({
    ...{ settings: { sources: { node1: [] } }, moves: [], orphaned: [] },
  });
});
