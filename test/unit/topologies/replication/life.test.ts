import { describe, expect, test } from 'vitest';
import type { Node } from '../../../../src/cluster/cluster.js';
import { stepsOf, type Plan } from '../../../../src/cluster/plan.js';
import type { ServerBuild } from '../../../../src/cluster/server.js';
import { formingFile } from '../../../../src/servers/mysqld/forming.js';
import { life } from '../../../../src/topologies/replication/life.js';
import { sourcesOf, type Shape } from '../../../../src/topologies/replication/shapes.js';
import { MYSQL_9_7, nodeServer, sampleCluster, sampleSetting } from '../../../fakes/cluster.js';
import { fakeMachine } from '../../../fakes/machine.js';

const clusterOf = (shape: Shape, changes = {}, nodes = 3) => {
  const names = Array.from({ length: nodes }, (_, position) => `node${position + 1}`);
  return sampleCluster(nodes, {
    topology: 'replication',
    settings: { shape, sources: sourcesOf(shape, names), ...changes },
  });
};
const namesOf = (nodes: readonly Node[]) => nodes.map(({ name }) => name);

test.each<[Shape, string[][]]>([
  ['star', [['node2', 'node3'], ['node1']]],
  ['chain', [['node3'], ['node2'], ['node1']]],
  ['fan-in', [['node3'], ['node1', 'node2']]],
  ['ring', [['node1', 'node2', 'node3']]],
  ['all-masters', [['node1', 'node2', 'node3']]],
])('a %s stops from its ends', (shape, expected) => {
  expect(life.stopOrder(clusterOf(shape)).map(namesOf)).toEqual(expected);
});

test('a MySQL lets nobody in before it ends', () => {
  const told = (name: string, build?: ServerBuild) => {
    const cluster = clusterOf('chain');
    const node = cluster.nodes.find((one) => one.name === name);
    const plan = node === undefined ? null : life.beforeStop(sampleSetting(cluster, nodeServer(build)), node);
    return plan === null ? [] : stepsOf(plan).flatMap(({ acts }) => acts);
  };
  expect(told('node2', MYSQL_9_7)).toMatchObject([{ what: 'node2 over its socket: SET GLOBAL offline_mode = ON' }]);
  // Who replicated from it may have been removed.
  expect(told('node3', MYSQL_9_7)).toHaveLength(1);
  expect(told('node2')).toEqual([]);
});

describe('recover', () => {
  const titles = (plan: Plan | undefined) => (plan === undefined ? [] : stepsOf(plan).map(({ step }) => step));
  const recover = async (
    starting: readonly string[],
    running: readonly string[],
    { changes = {}, bootstrap = '', files = {} } = {},
  ) => {
    const cluster = clusterOf('chain', changes);
    const setting = sampleSetting(cluster, nodeServer(), fakeMachine({ files }));
    const some = (names: readonly string[]) => cluster.nodes.filter(({ name }) => names.includes(name));
    return life.recover(
      {
        ...{ setting, starting: some(starting), running: some(running), resting: [], looksOnly: false },
        bootstrap: cluster.nodes.find(({ name }) => name === bootstrap) ?? null,
      },
      { signal: new AbortController().signal, deadline: Infinity },
    );
  };

  test('all start at once, and every link is seen to', async () => {
    const { notes, ways, finish } = await recover(['node1', 'node2', 'node3'], []);
    expect(notes).toEqual([
      'node1 comes back as a primary.',
      'node2 comes back as a replica that replicates from node1.',
      'node3 comes back as a replica that replicates from node2.',
    ]);
    expect(titles(ways[0]?.plan)).toEqual([
      ...['start node1', 'start node2', 'start node3'],
      ...['let node2 replicate from node1 again', 'let node3 replicate from node2 again'],
      ...['wait until node2 has caught up with node1', 'wait until node3 has caught up with node2'],
    ]);
    expect(titles(finish).filter((title) => title.includes('semi-sync'))).toEqual([]);
  });

  test('a source that comes back is found again by who lived on; a link of others is left alone', async () => {
    const { ways } = await recover(['node1'], ['node2', 'node3']);
    expect(titles(ways[0]?.plan)).toEqual([
      ...['start node1', 'let node2 replicate from node1 again', 'wait until node2 has caught up with node1'],
    ]);
  });

  test('a replica waits for a source that does not run, and nobody waits for it', async () => {
    const { notes, ways } = await recover(['node2'], []);
    expect(notes).toEqual(['node2 comes back as a replica that replicates from node1, and waits for node1.']);
    expect(titles(ways[0]?.plan)).toEqual(['start node2']);
  });

  test('semi-sync is turned on when replicas are back', async () => {
    const { finish } = await recover(['node1', 'node2'], ['node3'], { changes: { semiSync: true } });
    expect(titles(finish).slice(2, 5)).toEqual([
      ...['turn semi-sync on on node1', 'turn semi-sync on on node2', 'forget how node1 was started'],
    ]);
  });

  test('what an earlier start that was killed had begun is ended', async () => {
    const [, node2] = clusterOf('chain').nodes;
    if (node2 === undefined) throw new Error('no node2');
    const { ways } = await recover([], ['node1', 'node2', 'node3'], { files: { [formingFile(node2)]: '[mysqld]' } });
    expect(titles(ways[0]?.plan).slice(0, 2)).toEqual([
      ...['let node2 replicate from node1 again', 'let node3 replicate from node2 again'],
    ]);
    expect((await recover([], ['node1', 'node2', 'node3'])).ways).toEqual([]);
  });

  test('nobody bootstraps', async () => {
    await expect(recover(['node1'], [], { bootstrap: 'node1' })).rejects.toMatchObject({ exitCode: 2 });
  });
});
