import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import * as colourful from '../../../src/cli/table.js';
import { describeCluster, describeNode } from '../../../src/lifecycle/status.js';
import type { ClusterView, NodeView } from '../../../src/lifecycle/view.js';
import { nodeOf, sampleCluster } from '../../fakes/cluster.js';

/** As it is read: colours come and go with the terminal. */
const nodeTable = (...words: Parameters<typeof colourful.nodeTable>) =>
  stripVTControlCharacters(colourful.nodeTable(...words));
const clusterTitle = (...words: Parameters<typeof colourful.clusterTitle>) =>
  stripVTControlCharacters(colourful.clusterTitle(...words));

const sample = sampleCluster(1);

/** A cluster of nodes that say these things. */
const cluster = (topology: string, nodes: readonly Partial<NodeView>[], name = 'east'): ClusterView => {
  const views = nodes.map((changes, position) => ({
    ...describeNode(nodeOf(sample), { pid: 12, memory: 88_000_000 }, 'running'),
    ...{ name: `node${position + 1}`, healthy: true, roleKnown: true },
    ...changes,
  }));
  return { ...describeCluster(sample, views, 'running'), name, topology };
};

const PXC = { state: 'Synced', clusterStatus: 'Primary', clusterSize: 3, ready: true, flowControlPaused: 0.000804673 };
const QUEUES = { receiveQueue: 0, sendQueue: 0, lastCommitted: 4, uptimeSeconds: 9 };
const channel = (source: string, changes = {}) => ({
  ...{ name: source, source, receiver: 'Yes', applier: 'Yes', error: null, secondsBehind: 0, delaySeconds: 0 },
  ...changes,
});
const REPLICA = { missing: 0, readOnly: true, semiSync: null, channels: [channel('node1')] };
const SECONDARY = { state: 'SECONDARY', lag: 1, syncSource: 'node1', priority: 1, votes: 1, term: 3, oplogWindow: 17 };
const MEMBER = { state: 'ONLINE', online: 9, quorum: true, applierQueue: 12345, certificationQueue: 0, conflicts: 0 };

/** Names, addresses and words as long as they can be. */
const LONGEST = { name: 'node64', address: '192.168.255.254', role: 'secondary' };

describe('nodeTable', () => {
  test('of a cluster whose reset was cut short says what ends it', () => {
    const view = { ...cluster('pxc', [{}]), state: 'resetting' } as const;
    expect(nodeTable(view)).toContain('to end it: dbns reset east');
    expect(nodeTable({ ...view, state: 'degraded' })).not.toContain('reset');
  });

  test.each([
    ['pxc', { ...PXC, ...QUEUES, state: 'Donor/Desynced', clusterStatus: 'non-Primary', lastCommitted: 123456789 }],
    [
      'replication',
      { ...REPLICA, semiSync: 'source, 63 replicas', channels: [channel('node63', { receiver: 'Connecting' })] },
    ],
    ['group', { ...MEMBER, state: 'UNREACHABLE', viewId: '17953029496249132:3', readOnly: true }],
    ['mongo', SECONDARY],
    [
      'mongo',
      { shards: 'shard1, shard2, shard3, shard4, shard5, shard6', chunks: 'shard1 3, shard2 4', balancer: 'full' },
    ],
  ])('of %s fits 80 columns, whatever is said: %j', (topology, status) => {
    const view = cluster(topology, [
      { status },
      { ...LONGEST, status },
      { ...LONGEST, roleKnown: false, process: 'unresponsive', status: {} },
    ]);
    const widths = nodeTable(view)
      .split('\n')
      .map((line) => line.length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
    expect(
      Math.max(
        ...nodeTable(view, { wide: true })
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeGreaterThan(80);
  });

  test('of an ordinary pxc shows what is looked at first; wide shows all', () => {
    const view = cluster('pxc', [{ status: { ...PXC, ...QUEUES } }]);
    expect(nodeTable(view)).toBe(
      [
        'NODE   ADDRESS     ROLE    PROCESS  STATE   CLUSTER  SIZE  READY  PAUSED  RECV Q',
        'node1  10.200.0.2  member  running  Synced  Primary  3     yes    0.08 %  0',
      ].join('\n'),
    );
    const [head] = nodeTable(view, { wide: true }).split('\n');
    expect(head).toMatch(/PAUSED {2}RECV Q {2}SEND Q {2}COMMITTED {2}UPTIME {2}MEMORY$/);
  });

  test('of replication shows each source with its own state', () => {
    const channels = [channel('node1'), channel('node2', { applier: 'No', secondsBehind: null })];
    const view = cluster('replication', [
      { role: 'primary', status: { ...REPLICA, missing: null, readOnly: false, channels: [] } },
      { role: 'replica', status: { ...REPLICA, missing: 7, channels } },
    ]);
    expect(nodeTable(view)).toBe(
      [
        'NODE   ADDRESS     ROLE     PROCESS  SOURCE  IO   SQL  LAG  MISSING  READ-ONLY',
        'node1  10.200.0.2  primary  running  -       -    -    -    -        no',
        'node2  10.200.0.2  replica  running  node1   Yes  Yes  0 s  7        yes',
        '                                     node2   Yes  No   -',
      ].join('\n'),
    );
  });

  test('leaves out what nobody says', () => {
    expect(nodeTable(cluster('mongo', [{ status: SECONDARY }]))).not.toMatch(/SHARDS|BALANCER/);
    const router = { role: 'router', status: { shards: 'shard1, shard2' } };
    expect(nodeTable(cluster('mongo', [{ status: SECONDARY }, router]))).toContain('SHARDS');
  });

  test.each([
    [0, '0 %'],
    [0.00000012, '<0.01 %'],
    [0.0123, '1.2 %'],
    [1, '100 %'],
  ])('a share of %d is %s', (flowControlPaused, text) => {
    expect(nodeTable(cluster('pxc', [{ status: { ...PXC, flowControlPaused } }]))).toContain(`yes    ${text}`);
  });

  test('bad news stands below, whole', () => {
    const error = `no answer: ${'x'.repeat(100)}`;
    expect(nodeTable(cluster('pxc', [{ process: 'slow', healthy: false, status: { error } }]))).toMatch(
      /member +slow +84 MB\nnode1: error: no answer: x{100}$/,
    );
  });
});

describe('of a server that does not run as is wanted', () => {
  const at = '2026-01-02T12:03:04Z';
  const gone = { healthy: false, roleKnown: false, pid: null, memoryBytes: null };
  const dead = { ...gone, process: 'dead' } as const;

  test.each([
    [{ ...dead, exit: { code: null, signal: 'SIGKILL', at } }, `node1: ended with SIGKILL at ${at}`],
    [{ ...dead, exit: { code: 1, signal: null, at } }, `node1: ended with exit code 1 at ${at}`],
    [{ ...dead, process: 'missing', exit: { code: 0, signal: null, at } }, `node1: ended with exit code 0 at ${at}`],
    [{ wanted: 'stopped' }, 'node1: runs, and was to be stopped; to end it: dbns stop east node1'],
  ] as const)('the table says below %j', (changes, line) => {
    expect(
      nodeTable(cluster('pxc', [changes, {}]))
        .split('\n')
        .slice(3),
    ).toEqual([line]);
  });

  test.each([dead, { ...gone, wanted: 'stopped', process: 'stopped', exit: { code: 0, signal: null, at } }] as const)(
    'nothing of %j: nobody knows, or it is no bad news',
    (changes) => {
      expect(nodeTable(cluster('pxc', [changes])).split('\n')).toHaveLength(2);
    },
  );
});

describe('clusterTitle', () => {
  test('is one line where there is room', () => {
    expect(clusterTitle(cluster('pxc', [{}]), '(2.0 s)')).toBe(
      'east  pxc  running  1 node  mariadb 10.11.19  10.200.0.0/24  (2.0 s)',
    );
  });

  test('goes on in a second line where not', () => {
    const view = cluster('replication', [{}, { server: 'mariadb 11.8.6' }], 'a'.repeat(32));
    expect(clusterTitle(view, '(2.0 s)')).toBe(
      `${'a'.repeat(32)}  replication  running  2 nodes\n  mariadb 10.11.19, mariadb 11.8.6  10.200.0.0/24  (2.0 s)`,
    );
  });
});
