import { describe, expect, test } from 'vitest';
import { resourcesOf, type Plan } from '../../../../src/cluster/plan.js';
import type { Resource } from '../../../../src/cluster/resource.js';
import { groundPlan, nothingBut } from '../../../../src/lifecycle/ground/ground.js';
import { undo } from '../../../../src/lifecycle/removal/undo.js';
import { pxc } from '../../../../src/topologies/pxc/pxc.js';
import { sampleCluster, sampleSetting } from '../../../fakes/cluster.js';
import { fakeMachine, type Answer, type FakeSetup } from '../../../fakes/machine.js';

const cluster = sampleCluster(2);
const setting = sampleSetting(cluster);
const plan: Plan = {
  sequence: [
    groundPlan(setting.machine, cluster, nothingBut([{ family: 'ip', table: 'filter', chain: 'DOCKER-USER' }])),
    ...pxc
      .formations(setting)
      .slice(0, 1)
      .map((way) => way.plan),
  ],
};
const journal = resourcesOf(plan);

const MARKED = {
  '/run/dbns/east/.dbns': 'dbns:a1b2c3d4\n',
  '/run/dbns/east/node1/mysqld.sock': '',
  '/etc/netns/dbns-east-node1/.dbns': 'dbns:a1b2c3d4\n',
  '/etc/netns/dbns-east-node1/hosts': '',
  '/etc/netns/dbns-east-node2/.dbns': 'dbns:a1b2c3d4\n',
  '/run/netns/dbns-east-node1': '',
  '/run/netns/dbns-east-node2': '',
};

const LISTINGS: Readonly<Record<string, string>> = {
  'nft list table': 'table inet dbns-east {\n\tcomment "dbns:a1b2c3d4"\n}\n',
  'nft -j -a': '{"nftables":[{"rule":{"handle":9,"comment":"dbns:a1b2c3d4"}}]}',
};
const answer: Answer = (argv) => ({ stdout: LISTINGS[argv.slice(0, 3).join(' ')] ?? '' });

const machineWith = (setup: FakeSetup = {}) => fakeMachine({ files: MARKED, answer, ...setup });

describe('undo of a whole create', () => {
  test('goes backwards: processes, then what they stood on', async () => {
    const machine = machineWith();
    machine.addProcess('dbns-east-node1', { pid: 12 });
    machine.addProcess('dbns-east-node2', { pid: 13 });
    expect(await undo(machine, cluster.id, journal)).toEqual([]);
    expect(machine.signals.map(({ pid }) => pid).sort()).toEqual([12, 13]);
    const ran = machine.ran.map(({ argv, input }) => [argv.join(' '), ...(input === undefined ? [] : [input])]);
    // The firewall beside the rest.
    expect(ran.filter(([words]) => words?.startsWith('nft'))).toEqual([
      ['nft -j -a list chain ip filter DOCKER-USER'],
      ['nft -f -', 'delete rule ip filter DOCKER-USER handle 9\n'],
      ['nft list table inet dbns-east'],
      ['nft delete table inet dbns-east'],
    ]);
    expect(ran.filter(([words]) => words?.startsWith('ip'))).toEqual([
      ['ip -force -batch -', 'netns delete dbns-east-node2\nnetns delete dbns-east-node1\n'],
      ['ip -json link show'],
      ['ip -force -json -batch -', 'link delete group 1572477740\nlink show group 1572477740\n'],
    ]);
    expect([...machine.tree.keys()].filter((path) => path.includes('east'))).toEqual([]);
  });

  test('absent means done: a second time finds nothing to do', async () => {
    const gone: Answer = (argv) =>
      argv[0] === 'nft' ? { exitCode: 1, stderr: 'Error: No such file or directory' } : undefined;
    const machine = fakeMachine({ answer: gone });
    expect(await undo(machine, cluster.id, journal)).toEqual([]);
    expect(machine.changes).toEqual([]);
  });

  test('takes what was left half made: a directory without its mark is empty', async () => {
    const machine = fakeMachine({ directories: ['/run/dbns/east'], answer });
    expect(await undo(machine, cluster.id, [{ kind: 'directory', path: '/run/dbns/east' }])).toEqual([]);
    expect(machine.tree.has('/run/dbns/east')).toBe(false);
  });
});

describe('what is not ours', () => {
  const left = async (files: Record<string, string>, resource: Resource, setup: FakeSetup = {}) => {
    const machine = fakeMachine({ files, answer, ...setup });
    const leftovers = await undo(machine, cluster.id, [resource]);
    expect(machine.changes).toEqual([]);
    return leftovers;
  };

  test('a directory with another mark, or with none, stays', async () => {
    const resource: Resource = { kind: 'directory', path: '/run/dbns/east' };
    const [resourceTitle, reason] = ['directory /run/dbns/east', 'not ours: it has no mark of the cluster'];
    const leftover = [{ resource: resourceTitle, reason, advice: ['rm -r /run/dbns/east'] }];
    expect(await left({ '/run/dbns/east/.dbns': 'dbns:ffffffff\n' }, resource)).toEqual(leftover);
    expect(await left({ '/run/dbns/east/precious': '' }, resource)).toEqual(leftover);
  });

  test('a namespace whose directory has no mark stays', async () => {
    const [leftover] = await left({ '/run/netns/dbns-east-node1': '' }, { kind: 'netns', name: 'dbns-east-node1' });
    expect(leftover?.resource).toBe('namespace dbns-east-node1');
    expect(leftover?.reason).toContain('not ours');
  });

  test('a table with another comment stays', async () => {
    const other: Answer = () => ({ stdout: 'table inet dbns-east {\n}\n' });
    const [leftover] = await left({}, { kind: 'nft-table', family: 'inet', name: 'dbns-east' }, { answer: other });
    expect(leftover).toMatchObject({
      resource: 'nft table inet dbns-east',
      reason: 'not ours: its comment is another',
    });
    expect(leftover?.advice).toEqual(['nft delete table inet dbns-east']);
  });
});

test('one that can not be removed does not keep the others, and all are told', async () => {
  const broken: Answer = (argv) => {
    if (argv.includes('table')) return { exitCode: 1, stderr: 'Error: Device or resource busy' };
    return argv.includes('-json') ? { stdout: '[{"ifname":"dbnsa1b2c"}]' } : answer(argv, {});
  };
  const machine = machineWith({ answer: broken });
  expect(await undo(machine, cluster.id, journal)).toMatchObject([
    { resource: 'nft table inet dbns-east', reason: 'Error: Device or resource busy' },
    { resource: 'links of group 1572477740', reason: 'still there: dbnsa1b2c' },
  ]);
  expect([...machine.tree.keys()].filter((path) => path.includes('east'))).toEqual([]);
});

describe('a namespace whose mark somebody wrote over', () => {
  const files = { '/run/netns/dbns-east-node1': '', '/etc/netns/dbns-east-node1/hosts': '127.0.0.1 localhost\n' };
  const node1: readonly Resource[] = [
    { kind: 'directory', path: '/etc/netns/dbns-east-node1' },
    { kind: 'netns', name: 'dbns-east-node1' },
    { kind: 'processes', namespace: 'dbns-east-node1' },
  ];
  const behind =
    (nsid: number): Answer =>
    ([, , what]) => ({
      stdout: what === 'link' ? `[{},{"link_netnsid":${nsid}}]` : '[{"name":"dbns-east-node1","id":4},{"name":"mine"}]',
    });

  test('is ours by the link of our group that leads into it', async () => {
    const machine = fakeMachine({ files, answer: behind(4) });
    machine.addProcess('dbns-east-node1', { pid: 12 });
    expect(await undo(machine, cluster.id, node1)).toEqual([]);
    expect(machine.signals).toMatchObject([{ pid: 12 }]);
    expect([...machine.tree.keys()].filter((path) => path.includes('east'))).toEqual([]);
  });

  test('is not when no link does: nothing in it is touched, and what to type is told', async () => {
    const machine = fakeMachine({ files, answer: behind(5) });
    machine.addProcess('dbns-east-node1', { pid: 12 });
    const [leftover] = await undo(machine, cluster.id, node1);
    expect(leftover?.advice.join()).toContain('ip netns delete dbns-east-node1');
    expect(machine.signals).toEqual([]);
    expect(machine.changes).toEqual([]);
  });
});
