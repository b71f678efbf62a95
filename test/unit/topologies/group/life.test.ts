import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../../../src/cluster/plan.js';
import { life } from '../../../../src/topologies/group/life.js';
import { nodeServer, MYSQL_9_7, sampleCluster, sampleSetting } from '../../../fakes/cluster.js';

const groupOf = (roles: readonly string[]) => {
  const cluster = sampleCluster(roles.length, { topology: 'group' });
  return { ...cluster, nodes: cluster.nodes.map((node, position) => ({ ...node, role: roles[position] ?? '' })) };
};

test.each([
  ['the primary', ['secondary', 'primary', 'secondary'], [['node1', 'node3'], ['node2']]],
  ['one of many primaries', ['primary', 'primary'], [['node2'], ['node1']]],
  ['the only node', ['primary'], [['node1']]],
])('%s stops last', (_, roles, expected) => {
  expect(life.stopOrder(groupOf(roles)).map((nodes) => nodes.map(({ name }) => name))).toEqual(expected);
});

describe('recover, where no node runs', () => {
  const cluster = groupOf(['secondary', 'primary', 'secondary']);
  const setting = sampleSetting(cluster, nodeServer(MYSQL_9_7));
  const recover = (starting: number, bootstrap: number | null = null) =>
    life.recover(
      {
        ...{ setting, starting: cluster.nodes.slice(0, starting), running: [], resting: [], looksOnly: false },
        bootstrap: bootstrap === null ? null : (cluster.nodes[bootstrap - 1] ?? null),
      },
      { signal: new AbortController().signal, deadline: Infinity },
    );

  test('all start apart, the largest makes the group, and the others join one by one, the former primary first', async () => {
    const { ways, notes } = await recover(3);
    expect(notes).toEqual([expect.stringContaining('The one with the largest GTID set')]);
    const steps = ways.flatMap(({ plan }) => stepsOf(plan));
    expect(steps.map(({ step }) => step)).toEqual([
      ...['start node1', 'start node2', 'start node3', 'find out who makes the group', 'make the group'],
      ...['node2', 'node1', 'node3'].map((name) => `let ${name} join the group`),
      ...['node2', 'node1', 'node3'].map((name) => `wait until ${name} sees all ONLINE`),
    ]);
    const [forming] = steps[0]?.acts ?? [];
    expect(forming).toMatchObject({ do: 'write', content: expect.stringContaining('super_read_only') as string });
    expect(forming).toMatchObject({ content: expect.not.stringMatching(/bootstrap|init_file/) as string });
  });

  test('some alone do not: the others may have more', async () => {
    await expect(recover(2)).rejects.toMatchObject({
      exitCode: 5,
      message: expect.stringContaining('node3') as string,
      suggestions: ['Start all: dbns start east', expect.stringContaining('--bootstrap node1')],
    });
  });

  test('but for --bootstrap', async () => {
    expect((await recover(1, 1)).notes).toEqual([expect.stringContaining('node1 (as you said) makes it again')]);
  });
});
