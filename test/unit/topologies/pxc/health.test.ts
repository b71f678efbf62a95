import { describe, expect, test } from 'vitest';
import { columns, readHealth, sizesOf, splitIn } from '../../../../src/topologies/pxc/health.js';
import { routeOf } from '../../../../src/topologies/pxc/routes.js';
import { sampleCluster } from '../../../fakes/cluster.js';

const WELL = {
  wsrep_local_state_comment: 'Synced',
  wsrep_cluster_size: '3',
  wsrep_cluster_status: 'Primary',
  wsrep_ready: 'ON',
  wsrep_flow_control_paused: '0.25',
  wsrep_local_recv_queue: '1',
  wsrep_local_send_queue: '2',
  wsrep_last_committed: '17',
  uptime: '61',
};

describe('readHealth', () => {
  test("reads Galera's own words and numbers", () => {
    expect(readHealth(WELL, { least: 3, most: 3 })).toEqual({
      healthy: true,
      status: {
        state: 'Synced',
        clusterSize: 3,
        clusterStatus: 'Primary',
        ready: true,
        flowControlPaused: 0.25,
        receiveQueue: 1,
        sendQueue: 2,
        lastCommitted: 17,
        uptimeSeconds: 61,
      },
    });
  });

  test.each([
    ['a donor', { wsrep_local_state_comment: 'Donor/Desynced' }],
    ['a joiner', { wsrep_local_state_comment: 'Joining' }],
    ['a smaller component', { wsrep_cluster_size: '2' }],
    ['a larger component', { wsrep_cluster_size: '4' }],
    ['a component that is not primary', { wsrep_cluster_status: 'non-Primary' }],
    ['a node that is not ready', { wsrep_ready: 'OFF' }],
  ])('%s is not well', (_, changes) => {
    expect(readHealth({ ...WELL, ...changes }, { least: 3, most: 3 }).healthy).toBe(false);
  });

  test('those that come and go may be seen, or not', () => {
    const well = (size: number, moving: number) => {
      const { nodes } = sampleCluster(3 + moving);
      const cluster = { nodes: nodes.map((node) => (node.index > 3 ? { ...node, phase: 'adding' as const } : node)) };
      return readHealth({ ...WELL, wsrep_cluster_size: String(size) }, sizesOf(cluster)).healthy;
    };
    expect([2, 3, 4, 5, 6].map((size) => well(size, 2))).toEqual([false, true, true, true, false]);
    expect([3, 4].map((size) => well(size, 0))).toEqual([true, false]);
  });

  test('what was not said is null, and not well', () => {
    const { healthy, status } = readHealth({}, { least: 1, most: 1 });
    expect(healthy).toBe(false);
    expect(status).toMatchObject({ state: null, clusterSize: null, ready: false, uptimeSeconds: null });
  });
});

describe('two primary components', () => {
  const component = (...addresses: string[]) => ({
    ...WELL,
    wsrep_incoming_addresses: addresses.map((address) => `${address}:3306`).join(','),
  });
  const split = (said: Record<string, Record<string, string>>) => [
    ...splitIn(sampleCluster(3), new Map(Object.entries(said))).keys(),
  ];

  test('that know nothing of each other are a split brain, and none of their nodes is well', () => {
    const rest = component('10.200.0.3', '10.200.0.4');
    const said = { node1: component('10.200.0.2'), node2: rest, node3: rest };
    expect(split(said)).toEqual(['node1', 'node2', 'node3']);
    expect(readHealth({ ...WELL, wsrep_cluster_size: '1' }, { least: 1, most: 1 }, 'split brain')).toMatchObject({
      ...{ healthy: false, status: { error: 'split brain' } },
    });
  });

  test('are one while a node that comes is not known to all yet', () => {
    const whole = component('10.200.0.2', '10.200.0.3');
    expect(split({ node1: component('10.200.0.2'), node2: whole })).toEqual([]);
  });

  test('are one where the other is not primary', () => {
    const cutOff = { ...component('10.200.0.2'), wsrep_cluster_status: 'non-Primary', wsrep_ready: 'OFF' };
    expect(split({ node1: cutOff, node2: component('10.200.0.3', '10.200.0.4') })).toEqual([]);
  });
});

describe('a client finds', () => {
  const route = (changes: object) => {
    const { writes, reads, is } = routeOf({ ...WELL, readOnly: '0', ...changes }, null);
    return [writes, reads, is];
  };

  test.each([
    ['everything on a member', {}, [true, true, 'a member']],
    ['reads on one that is read-only', { readOnly: '1' }, [false, true, 'a member that is read-only']],
    [
      'nothing on one that is cut off',
      { wsrep_ready: 'OFF', wsrep_local_state_comment: 'Initialized' },
      [false, false, 'not ready (Initialized)'],
    ],
  ])('%s', (_, changes, expected) => {
    expect(route(changes)).toEqual(expected);
  });
});

test('every column is a key of the status', () => {
  expect(Object.keys(readHealth(WELL, { least: 3, most: 3 }).status)).toEqual(
    expect.arrayContaining(columns.map(({ key }) => key)),
  );
});
