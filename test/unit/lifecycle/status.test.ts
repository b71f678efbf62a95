import { describe, expect, test } from 'vitest';
import { describeCluster, describeNode, identitiesOf, stateOf, viewCluster } from '../../../src/lifecycle/status.js';
import type { NodeView } from '../../../src/lifecycle/view.js';
import { nodeOf, sampleCluster } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

const cluster = sampleCluster(2);
const view = (changes: Partial<NodeView> = {}): NodeView => ({
  ...{ zone: null, ipv6: null },
  ...describeNode(nodeOf(cluster), { pid: 12, memory: 88_000_000 }, 'running'),
  healthy: true,
  ...changes,
});

test('describeNode is the whole form, with what is known', () => {
  expect(describeNode(nodeOf(cluster), { pid: 12, memory: 88_000_000 }, 'paused')).toEqual({
    ...{ name: 'node1', group: null, role: 'member', roleKnown: false, host: 'local', image: 'mariadb:10.11' },
    ...{ server: 'mariadb 10.11.19', network: 'net1', address: '10.200.0.2' },
    ports: { client: 3306, replication: 4567, ist: 4568, sst: 4444 },
    ...{
      phase: 'added',
      wanted: 'running',
      process: 'paused',
      exit: null,
      healthy: false,
      pid: 12,
      namespace: 'dbns-east-node1',
    },
    ...{ socket: '/run/dbns/east/node1/mysqld.sock', log: '/var/lib/dbns/clusters/east/node1/server.log' },
    ...{ memoryBytes: 88_000_000, status: {} },
  });
});

test('describeCluster shows what scripts may rely on, and nothing of the inside', () => {
  expect(describeCluster(cluster, [], 'running')).toEqual({
    ...{ name: 'east', topology: 'pxc', state: 'running', createdAt: '2026-01-02T03:04:05.678Z' },
    networks: [
      {
        ...{ name: 'net1', subnet: '10.200.0.0/24', layout: 'bridge', lan: null, gateway: '10.200.0.1' },
        ...{ bridge: 'dbnsa1b2c', zones: [], ipv6: null },
      },
    ],
    nodes: [],
    companions: [],
    attached: [],
    links: [],
    exposures: [],
    faults: [],
    lease: null,
    keeper: null,
  });
});

describe('stateOf', () => {
  const dead = view({ process: 'dead', healthy: false });
  const missing = view({ process: 'missing', healthy: false });
  const stopped = view({ wanted: 'stopped', process: 'stopped', healthy: false });

  test.each([
    ['running', [view(), view()]],
    ['degraded', [view(), dead]],
    ['degraded', [view(), view({ healthy: false })]],
    ['degraded', [view({ process: 'paused', healthy: false }), missing]],
    ['degraded', [view({ process: 'unresponsive', healthy: false })]],
    ['running', [view(), stopped]],
    ['degraded', [view({ healthy: false }), stopped]],
    ['degraded', [dead, stopped]],
    ['degraded', [dead, missing]],
    ['degraded', [view({ wanted: 'stopped' })]],
    ['degraded', [view(), view({ wanted: 'stopped' })]],
    ['degraded', [stopped, view({ wanted: 'stopped', process: 'paused', healthy: false })]],
    ['stopped', [stopped, stopped]],
  ] as const)('%s', async (state, nodes) => {
    expect(await stateOf(fakeMachine(), cluster, nodes)).toBe(state);
  });

  test('failed when create said so, whatever the nodes say', async () => {
    expect(await stateOf(fakeMachine(), { ...cluster, phase: 'failed' }, [view()])).toBe('failed');
  });

  test('resetting until a reset has ended, whatever the nodes say', async () => {
    expect(await stateOf(fakeMachine(), { ...cluster, phase: 'resetting' }, [view()])).toBe('resetting');
  });

  test('creating as long as a create holds the lock; failed when it was killed', async () => {
    const creating = { ...cluster, phase: 'creating' } as const;
    const held = fakeMachine({ locked: ['/var/lib/dbns/clusters/east'] });
    expect(await stateOf(held, creating, [missing])).toBe('creating');
    expect(await stateOf(fakeMachine(), creating, [missing])).toBe('failed');
  });

  test('creating when its create ended between two looks', async () => {
    const files = { '/var/lib/dbns/clusters/east/cluster.json': JSON.stringify({ version: 1, ...cluster }) };
    expect(await stateOf(fakeMachine({ files }), { ...cluster, phase: 'creating' }, [missing])).toBe('creating');
  });
});

describe('viewCluster', () => {
  test('asks no server that does not run', async () => {
    const machine = fakeMachine({ files: { '/run/netns/dbns-east-node1': '' } });
    machine.addProcess('dbns-east-node1', { pid: 12, state: 'T' });
    const { state, nodes } = await viewCluster(machine, cluster, 100);
    expect(state).toBe('degraded');
    expect(nodes.map(({ process, pid }) => [process, pid])).toEqual([
      ['paused', 12],
      ['missing', null],
    ]);
  });

  const wantedStopped = (nodes: number) => {
    const running = sampleCluster(nodes);
    return { ...running, nodes: running.nodes.map((node) => ({ ...node, wanted: 'stopped' as const })) };
  };

  test('a node that is wanted stopped and does not run is stopped, with a namespace or without', async () => {
    const machine = fakeMachine({ files: { '/run/netns/dbns-east-node1': '' } });
    const { state, nodes } = await viewCluster(machine, wantedStopped(2), 100);
    expect(state).toBe('stopped');
    expect(nodes.map(({ process }) => process)).toEqual(['stopped', 'stopped']);
  });

  test('one that is wanted stopped and runs is told as what it is', async () => {
    const machine = fakeMachine({ files: { '/run/netns/dbns-east-node1': '' } });
    machine.addProcess('dbns-east-node1', { pid: 12, state: 'T' });
    const { state, nodes } = await viewCluster(machine, wantedStopped(1), 100);
    expect(state).toBe('degraded');
    expect(nodes[0]).toMatchObject({ wanted: 'stopped', process: 'paused', exit: null });
  });

  test('of one that does not run is told how it ended', async () => {
    const files = {
      '/proc/stat': 'cpu 1 2\nbtime 1700000000\n',
      '/run/netns/dbns-east-node1': '',
      '/var/lib/dbns/clusters/east/node1/end': '137 1700000009\n',
    };
    const { nodes } = await viewCluster(fakeMachine({ files }), sampleCluster(1), 100);
    expect(nodes[0]).toMatchObject({
      process: 'dead',
      exit: { code: null, signal: 'SIGKILL', at: '2023-11-14T22:13:29Z' },
    });
  });

  test.each([
    ['the last that was seen', '{"version":1,"nodes":{"node1":"primary"}}', 'primary'],
    ['that of create when nothing was kept', undefined, 'member'],
    ['that of create when what was kept is damaged', '{"node1":', 'member'],
  ])('the role of a node that is not asked is %s, and said to be no more than that', async (_, kept, role) => {
    const files = kept === undefined ? {} : { '/var/lib/dbns/clusters/east/roles.json': kept };
    const { nodes } = await viewCluster(fakeMachine({ files }), sampleCluster(1), 900);
    expect(nodes[0]).toMatchObject({ role, roleKnown: false });
  });

  test('a server that does not answer is unresponsive, and says why', async () => {
    const machine = { ...fakeMachine({ files: { '/run/netns/dbns-east-node1': '' } }), reach: () => '/nowhere/x.sock' };
    machine.addProcess('dbns-east-node1', { pid: 12 });
    const { nodes } = await viewCluster(machine, sampleCluster(1), 100);
    expect(nodes[0]).toMatchObject({ process: 'unresponsive', healthy: false, pid: 12 });
    expect(nodes[0]?.status.error).toContain('ENOENT');
  });

  test.each([
    [9, 'unresponsive'],
    [10, 'slow'],
  ])('one that was at work for %d ms of the 100 that it had to answer is %s', async (work, process) => {
    const machine = { ...fakeMachine({ files: { '/run/netns/dbns-east-node1': '' } }), reach: () => '/nowhere/x.sock' };
    machine.addProcess('dbns-east-node1', { pid: 12 });
    machine.work.set(12, work);
    const { nodes, state } = await viewCluster(machine, sampleCluster(1), 100);
    expect(nodes[0]).toMatchObject({ process, healthy: false, pid: 12 });
    expect(state).toBe('degraded');
  });
});

test('identitiesOf knows the processes that are there', () => {
  const machine = fakeMachine({ files: { '/run/netns/dbns-east-node1': '' } });
  machine.addProcess('dbns-east-node1', { pid: 12 });
  const nodes = [view(), view({ name: 'node2', pid: 99 }), view({ name: 'node3', pid: null })];
  expect(identitiesOf(machine, describeCluster(cluster, nodes, 'running'))).toEqual({
    node1: { pid: 12, startTime: 120, bootId: 'b' },
  });
});
