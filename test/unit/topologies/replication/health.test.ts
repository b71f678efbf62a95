import { describe, expect, test } from 'vitest';
import type { Node } from '../../../../src/cluster/cluster.js';
import { judgeIn } from '../../../../src/topologies/replication/health.js';
import { routeOf, routes } from '../../../../src/topologies/replication/routes.js';
import { sourcesOf, type Shape } from '../../../../src/topologies/replication/shapes.js';
import type { ChannelState, NodeState } from '../../../../src/topologies/replication/state.js';
import { wordsOf } from '../../../../src/topologies/replication/words.js';
import { sampleCluster } from '../../../fakes/cluster.js';

const words = wordsOf({ dialect: 'mariadb', version: '10.11.19' });
if (words === null) throw new Error('no words');

const NODES = ['node1', 'node2', 'node3'];
const settings = (shape: Shape, changes = {}) => ({
  ...{ shape, gtid: true, semiSync: false, workers: null, delays: {}, filters: {}, sources: sourcesOf(shape, NODES) },
  ...changes,
});

const channel = (changes: Partial<ChannelState> = {}): ChannelState => ({
  ...{ channel: '', address: '10.200.0.2', receiver: 'Yes', applier: 'Yes', error: null, secondsBehind: 0, delay: 0 },
  ...{ received: '0-1-9', readTo: { file: 'b.1', position: 9 }, appliedTo: { file: 'b.1', position: 9 } },
  ...changes,
});
const state = (executed: string, channels: readonly ChannelState[], readOnly = channels.length > 0): NodeState => ({
  ...{ words, executed, passedOn: executed, maker: '9', readOnly, channels, semiSync: null },
});

const judge = (states: Record<string, NodeState | Error>, shape: Shape = 'star', changes = {}) => {
  const cluster = sampleCluster(3, { topology: 'replication', settings: settings(shape, changes) });
  return judgeIn(cluster, new Map(Object.entries(states)));
};

describe('judgeIn', () => {
  test('a star that is well', () => {
    const said = judge({
      node1: state('0-1-9', []),
      node2: state('0-1-9', [channel()]),
      node3: state('0-1-7', [channel()]),
    });
    expect([...said.values()].map(({ healthy, role }) => [healthy, role])).toEqual([
      [true, 'primary'],
      [true, 'replica'],
      [true, 'replica'],
    ]);
    expect(said.get('node3')?.status).toMatchObject({
      source: 'node1',
      missing: 2,
      errant: null,
      readOnly: true,
      secondsBehind: 0,
    });
    expect(said.get('node1')?.status).toMatchObject({
      source: null,
      receiver: null,
      missing: null,
      secondsBehind: null,
    });
  });

  test('a replica that has what its source never had is not well', () => {
    const said = judge({ node1: state('0-1-9', []), node2: state('0-1-9,0-2-10', [channel()]) });
    expect(said.get('node2')).toMatchObject({ healthy: false, status: { errant: '0-2-10', missing: 0 } });
  });

  test('what the source had when it was asked again is not errant', () => {
    const source = { ...state('0-1-8', []), later: '0-1-9' };
    expect(judge({ node1: source, node2: state('0-1-9', [channel()]) }).get('node2')).toMatchObject({
      healthy: true,
      status: { errant: null },
    });
  });

  test('what its source has received and does not know as committed is not errant: it waits for this replica', () => {
    const states = {
      node1: state('0-1-9', []),
      node2: state('0-1-8', [channel({ received: '0-1-9' })]),
      node3: state('0-1-9', [channel({ address: '10.200.0.3' })]),
    };
    expect(judge(states, 'chain').get('node3')).toMatchObject({ healthy: true, status: { errant: null } });
  });

  test.each([
    [
      { applier: 'No', error: '1062 Duplicate entry', secondsBehind: null },
      { applier: 'No', error: '1062 Duplicate entry', secondsBehind: null },
    ],
    [
      { receiver: 'Connecting', error: '1045 Access denied' },
      { receiver: 'Connecting', error: '1045 Access denied' },
    ],
    [{ receiver: 'No' }, { receiver: 'No', error: null }],
  ])('a channel with %j is not well', (changes, status) => {
    const said = judge({ node1: state('0-1-9', []), node2: state('0-1-9', [channel(changes)]) });
    expect(said.get('node2')).toMatchObject({ healthy: false, status });
  });

  test('a delayed replica lacks transactions and is well', () => {
    const said = judge({
      node1: state('0-1-9', []),
      node2: state('0-1-2', [channel({ delay: 60, secondsBehind: 41 })]),
    });
    expect(said.get('node2')).toMatchObject({ healthy: true, status: { delaySeconds: 60, missing: 7 } });
  });

  test('behind a filter, a node lacks only what its source passes on', () => {
    const filtered = { ...state('0-1-9', [channel()]), passedOn: '0-1-7' };
    const last = (executed: string) => ({ node1: state('0-1-9', []), node2: filtered, node3: state(executed, [AT_2]) });
    const AT_2 = channel({ address: '10.200.0.3' });
    expect(judge(last('0-1-7'), 'chain').get('node3')).toMatchObject({ healthy: true, status: { missing: 0 } });
    expect(judge(last('0-1-6'), 'chain').get('node3')).toMatchObject({ healthy: true, status: { missing: 1 } });
    expect(judge(last('0-1-7'), 'chain').get('node2')?.status).toMatchObject({ missing: 0, errant: null });
  });

  test('with its source gone, nobody can tell what it lacks', () => {
    const said = judge({ node1: new Error('no answer'), node2: state('0-1-9', [channel({ receiver: 'Connecting' })]) });
    expect(said.get('node2')).toMatchObject({ healthy: false, status: { missing: null, errant: null } });
    expect(said.has('node1')).toBe(false);
  });

  test('one that should replicate, does not, and is read-only is not well; as a primary it is', () => {
    expect(judge({ node1: state('0-1-9', []), node2: state('0-1-9', [], true) }).get('node2')).toMatchObject({
      healthy: false,
    });
    expect(judge({ node2: state('0-1-9', [], false) }).get('node2')).toMatchObject({ healthy: true, role: 'primary' });
  });

  test('two that take writes and follow nobody are a split brain, and neither is well', () => {
    const said = judge({
      node1: state('0-1-9', []),
      node2: state('0-1-9', [channel()]),
      node3: state('0-1-9,0-3-10', [], false),
    });
    const error = 'split brain: node1 and node3 take writes independently of each other';
    expect(said.get('node1')).toMatchObject({ healthy: false, role: 'primary', status: { error } });
    expect(said.get('node2')).toMatchObject({ healthy: true });
    expect(said.get('node3')).toMatchObject({ healthy: false, role: 'primary', status: { error } });
  });

  test('a replica that takes writes is not well, be its threads as they may', () => {
    const said = judge({
      node1: state('0-1-9', []),
      node2: state('0-1-9', [channel()], false),
      node3: state('0-1-9', [channel({ applier: 'No', error: '1062 Duplicate entry' })], false),
    });
    const error = 'is a replica that takes writes: read_only is OFF';
    expect(said.get('node2')).toMatchObject({ healthy: false, role: 'replica', status: { error } });
    expect(said.get('node3')).toMatchObject({ status: { error: `1062 Duplicate entry; ${error}` } });
  });

  test('a primary that is read-only is not well; a former one that is kept so is a replica without a source', () => {
    const said = judge({ node1: state('0-1-9', [], true), node2: state('0-1-9', [], true) });
    expect(said.get('node1')).toMatchObject({
      ...{ healthy: false, role: 'primary', status: { error: 'takes no writes: read_only is ON' } },
    });
    expect(said.get('node2')).toMatchObject({
      ...{ healthy: false, role: 'replica', status: { error: 'replicates from nobody' } },
    });
  });

  test('a ring or a fan-in that lost a link is not well', () => {
    expect(judge({ node1: state('1-1-9', [], false) }, 'ring').get('node1')).toMatchObject({
      ...{ healthy: false, role: 'primary', status: { error: 'does not replicate from node3' } },
    });
    const half = state('1-1-9', [channel({ channel: 'node1' })]);
    expect(judge({ node3: half }, 'fan-in').get('node3')?.status.error).toBe('does not replicate from node2');
  });

  test('a fan-in has as many writers as sources, and the last is not to be one', () => {
    const sources = { node1: state('1-1-9', []), node2: state('2-2-5', []) };
    const well = judge({ ...sources, node3: state('', [channel(), channel({ address: '10.200.0.3' })]) }, 'fan-in');
    expect([...well.values()].map(({ healthy }) => healthy)).toEqual([true, true, true]);
    const split = judge({ ...sources, node3: state('3-3-1', [], false) }, 'fan-in');
    expect(split.get('node3')?.status.error).toMatch(/^split brain: node1, node2 and node3 take writes/);
  });

  test('in a ring everybody writes: nothing is errant, and all are primaries', () => {
    const said = judge(
      {
        node1: state('1-1-9', [channel({ address: '10.200.0.4' })], false),
        node3: state('3-3-4', [channel({ address: '10.200.0.3' })], false),
      },
      'ring',
    );
    expect(said.get('node1')).toMatchObject({
      healthy: true,
      role: 'primary',
      status: { source: 'node3', errant: null, missing: 4 },
    });
  });

  test('a fan-in is held against all its sources together', () => {
    const channels = [
      channel({ channel: 'node1' }),
      channel({ channel: 'node2', address: '10.200.0.3', secondsBehind: 3 }),
    ];
    const said = judge(
      { node1: state('1-1-9', []), node2: state('2-2-5', []), node3: state('1-1-9,2-2-4', channels) },
      'fan-in',
    );
    expect(said.get('node3')).toMatchObject({
      healthy: true,
      status: { source: 'node1, node2', missing: 1, errant: null, secondsBehind: 3 },
    });
  });

  test('who gathers may have what a source wrote that was removed, and nothing of its own', () => {
    const sources = { node1: ['node3'], node2: [], node3: [] };
    const errant = (executed: string) =>
      judge(
        { node3: state('3-3-1', []), node1: { ...state(executed, [channel({ address: '10.200.0.4' })]), maker: '1' } },
        'fan-in',
        { sources },
      ).get('node1')?.status.errant;
    expect(errant('3-3-1,7-7-9')).toBe(null);
    expect(errant('3-3-1,1-1-2')).toBe('1-1-2');
  });

  test('one that comes is no stranger, and one that goes is not missed', () => {
    const moving = (phase: Node['phase'], states: Record<string, NodeState>, shape: Shape) => {
      const cluster = sampleCluster(3, { topology: 'replication', settings: settings(shape) });
      const nodes = cluster.nodes.map((node) => (node.name === 'node3' ? { ...node, phase } : node));
      return judgeIn({ ...cluster, nodes }, new Map(Object.entries(states))).get('node1');
    };
    const beginning = { node1: state('0-1-9', []), node3: state('', [], false) };
    expect(moving('added', beginning, 'star')?.status.error).toMatch(/^split brain/);
    expect(moving('adding', beginning, 'star')?.status.error).toBe(null);
    const ring = { node1: state('1-1-9', [channel({ address: '10.200.0.3' })], false) };
    expect(moving('added', ring, 'ring')?.status.error).toBe('does not replicate from node3');
    expect(moving('removing', ring, 'ring')?.status.error).toBe(null);
  });

  test('a replica whose primary was removed by force takes no writes, and is not well', () => {
    const changes = { sources: { node2: [], node3: [] }, orphans: ['node2', 'node3'] };
    const said = judge({ node2: state('0-1-9', [], true), node3: state('0-1-9', [], false) }, 'star', changes);
    expect(said.get('node2')).toMatchObject({
      ...{ healthy: false, role: 'replica', status: { error: 'replicates from nobody' } },
    });
    expect(said.get('node3')?.role).toBe('primary');
  });

  test('without GTIDs nothing is said of them', () => {
    const said = judge({ node1: state('', []), node2: state('0-2-1', [channel()]) }, 'star', { gtid: false });
    expect(said.get('node2')).toMatchObject({
      healthy: true,
      status: { gtidExecuted: null, missing: null, errant: null },
    });
  });
});

describe('a client finds', () => {
  const route = (shape: Shape, channels: readonly ChannelState[], readOnly: boolean) => {
    const { writes, reads, is } = routeOf({ channels, readOnly }, { shape }, null);
    return [writes, reads, is];
  };

  test.each([
    ['the primary of a star to write', 'star', [], false, [true, false, 'a primary']],
    ['a replica to read', 'star', [channel()], true, [false, true, 'a replica']],
    ['one that lost its source too', 'star', [channel({ receiver: 'Connecting' })], true, [false, true, 'a replica']],
    [
      'no replica that stands still',
      'star',
      [channel({ applier: 'No' })],
      true,
      [false, false, 'a replica that does not apply'],
    ],
    ['no place to write on a replica', 'chain', [channel()], false, [false, true, 'a replica']],
    ['nothing on one that follows nobody', 'star', [], true, [false, false, 'read-only, and no replica']],
    ['everything everywhere in a ring', 'ring', [channel()], false, [true, true, 'a primary']],
  ] as const)('%s', (_, shape, channels, readOnly, expected) => {
    expect(route(shape, channels, readOnly)).toEqual(expected);
  });

  test('late and filtered replicas when there is no other', () => {
    const cluster = sampleCluster(3, {
      topology: 'replication',
      settings: settings('star', { delays: { node2: 60 } }),
    });
    expect(routes.entries(cluster).map(({ name }) => name)).toEqual(['node1', 'node3', 'node2']);
  });
});
