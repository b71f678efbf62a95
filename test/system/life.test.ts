import { readFileSync, rmSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import { MARIADB, createReplication, nodeOf, procStatus, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { difference } from './world/difference.js';
import { dbns, keepMachineClean, socketOf, query, snapshot, startDbns } from './world/machine.js';

// The verbs of all topologies, tried on the smallest cluster; what is a topology's own: start-*.test.ts, reboot.test.ts.

keepMachineClean();

beforeEach(async () => {
  await createReplication(MARIADB, ['c', '--nodes', '2']);
});

const processes = async () => (await statusOf('c')).nodes.map(({ process }) => process);
const outcomes = async (words: readonly string[]) => {
  const { json } = await dbns([...words, '--json']);
  const { clusters } = json as { clusters: { nodes: { node: string; outcome: string }[] }[] };
  return clusters.flatMap(({ nodes }) => nodes.map(({ node, outcome }) => `${node} ${outcome}`));
};
const fails = async (words: readonly string[], exitCode: number) =>
  (await dbns(words, { expectExit: exitCode })).stderr;

describe('stop', () => {
  test('ends servers in order and nothing else; start brings them back, and both can be said again', async () => {
    const rules = async () => (await run(['nft', 'list', 'table', 'inet', 'dbns-c'])).stdout;
    const before = await rules();
    expect(await outcomes(['stop', 'c', 'node2'])).toEqual(['node2 stopped']);
    expect(await processes()).toEqual(['running', 'stopped']);
    await dbns(['status', 'c', '--check', '--timeout', '5m']);
    expect((await run(['ip', 'netns', 'pids', 'dbns-c-node2'])).stdout).toBe('');
    await run(['ip', 'netns', 'exec', 'dbns-c-node2', 'bash', '-c', ': </dev/tcp/10.200.0.2/3306']);
    expect(await outcomes(['stop', 'node2', 'node1'])).toEqual(['node1 stopped', 'node2 was stopped']);
    // A start that is refused changes nothing in what is wanted.
    await fails(['start', 'c', '--bootstrap', 'node9'], 4);
    expect((await statusOf('c')).state).toBe('stopped');
    await dbns(['status', 'c', '--check', '--timeout', '5m']);
    expect(await rules()).toBe(before);
    // An orderly end, in which nothing had to be recovered.
    expect(readFileSync('/var/lib/dbns/clusters/c/node1/server.log', 'utf8')).toMatch(/Shutdown complete\s*$/);
    expect(await outcomes(['start'])).toEqual(['node1 started', 'node2 started']);
    expect(await outcomes(['start', 'c'])).toEqual(['node1 was running', 'node2 was running']);
    expect((await statusOf('c')).state).toBe('running');
    await query(socketOf('c', 'node1'), 'CREATE DATABASE after');
    await expect.poll(() => query(socketOf('c', 'node2'), "SHOW DATABASES LIKE 'after'")).toHaveLength(1);
  });

  test('kills what does not end in time, and says so; a paused server is woken first', async () => {
    await dbns(['pause', 'c', 'node2']);
    expect(await outcomes(['stop', 'c', 'node2'])).toEqual(['node2 stopped']);
    const { pid } = nodeOf(await statusOf('c'), 'node1');
    // Ended and stopped again as soon as it is woken: it can't end.
    const holder = run(['bash', '-c', `while kill -STOP ${pid}; do sleep 0.005; done`], { expectExit: 'any' });
    const { stderr, json } = await dbns(['stop', 'c', 'node1', '--timeout', '1s', '--json']);
    expect(json).toMatchObject({ clusters: [{ nodes: [{ node: 'node1', outcome: 'killed' }] }] });
    expect(stderr).toContain('node1 did not end in 1 s: it was killed.');
    await holder;
    expect(await processes()).toEqual(['stopped', 'stopped']);
  });

  test('that is killed itself is taken up again', async () => {
    await dbns(['pause', 'c', 'node1']);
    const { child, result } = startDbns(['stop', 'c', '--timeout', '1h'], { expectExit: 'any' });
    await expect.poll(() => readFileSync('/var/lib/dbns/clusters/c/cluster.json', 'utf8')).toContain('"stopped"');
    child.kill('SIGKILL');
    await result;
    await expect.poll(async () => (await dbns(['stop', 'c'], { expectExit: 'any' })).exitCode).toBe(0);
    expect((await statusOf('c')).state).toBe('stopped');
  });
});

describe('kill, pause and resume', () => {
  test('mean the server, not what people run beside it', async () => {
    const shell = startDbns(['exec', 'c', 'node1', '--', 'sleep', '4321'], { expectExit: 143 });
    await expect
      .poll(async () => (await run(['ip', 'netns', 'pids', 'dbns-c-node1'])).stdout.trim().split('\n').length)
      .toBeGreaterThan(3);
    const { pid } = nodeOf(await statusOf('c'), 'node1');
    expect(await outcomes(['pause', 'c', '--role', 'primary'])).toEqual(['node1 paused']);
    expect(procStatus(pid, 'State')).toContain('T');
    expect(await processes()).toEqual(['paused', 'running']);
    expect(await fails(['start', 'c'], 5)).toContain("node1 of 'c' is paused.");
    expect(await outcomes(['resume', 'node1'])).toEqual(['node1 resumed']);
    expect(await outcomes(['kill', 'c', 'node1'])).toEqual(['node1 killed']);
    expect(await processes()).toEqual(['dead', 'running']);
    await dbns(['status', 'c', '--check', '--timeout', '5m'], { expectExit: 7 });
    expect(shell.child.exitCode).toBeNull();
    shell.child.kill('SIGTERM');
    await shell.result;
    expect(await outcomes(['start', 'c'])).toEqual(['node1 started', 'node2 was running']);
    expect(await outcomes(['kill', 'c', 'node2', '--signal', 'term'])).toEqual(['node2 sent SIGTERM']);
    await dbns(['wait', 'c', 'node2', '--for', 'dead']);
    expect(await outcomes(['stop', 'c', 'node2'])).toEqual(['node2 was dead']);
  });
});

test('start makes what somebody took away: a namespace under a server, the bridge, a link, the rules', async () => {
  const { nodes } = await statusOf('c');
  const before = (await run(['nft', 'list', 'table', 'inet', 'dbns-c'])).stdout;
  const bridge = (await statusOf('c')).networks[0]?.bridge ?? '';
  await run(['ip', 'netns', 'delete', 'dbns-c-node1']);
  await run(['ip', 'link', 'delete', bridge]);
  await run(['nft', 'delete', 'table', 'inet', 'dbns-c']);
  await run(['rm', '-r', '/etc/netns/dbns-c-node2']);
  expect(await processes()).toEqual(['missing', 'running']);
  expect(await outcomes(['start', 'c'])).toEqual(['node1 started', 'node2 was running']);
  const after = await statusOf('c');
  expect(after.state).toBe('running');
  expect(after.nodes.map(({ address }) => address)).toEqual(nodes.map(({ address }) => address));
  expect(nodeOf(after, 'node2').pid).toBe(nodeOf({ ...after, nodes }, 'node2').pid);
  expect((await run(['nft', 'list', 'table', 'inet', 'dbns-c'])).stdout).toBe(before);
  await run(['ip', 'netns', 'exec', 'dbns-c-node2', 'bash', '-c', ': </dev/tcp/10.200.0.2/3306']);
});

test('start --dry-run says what is missing and what would be done, and does nothing', async () => {
  await dbns(['stop', 'c', 'node2']);
  await run(['ip', 'link', 'delete', (await statusOf('c')).networks[0]?.bridge ?? '']);
  const before = await snapshot();
  const { stdout } = await dbns(['start', 'c', '--dry-run']);
  expect(stdout).toMatch(/Note: node2 comes back as a replica that replicates from node1\./);
  expect(stdout).toMatch(/\n\s+link add dbns\w+ group [^]*\n# start node2\n/);
  expect(stdout).not.toContain('# start node1\n');
  expect(difference(before, await snapshot())).toBe('');
  await dbns(['start', 'c']);
});

describe('wait', () => {
  test('returns when nodes are as wanted, else says what was amiss (exit 6)', async () => {
    await dbns(['wait', 'c']);
    for (const condition of ['synced', 'primary', 'size=2', 'lag=5s']) await dbns(['wait', 'c', '--for', condition]);
    await dbns(['wait', 'c', 'node2', '--for', 'role=replica']);
    await dbns(['kill', 'c', 'node2']);
    expect(await fails(['wait', 'c', '--timeout', '300ms'], 6)).toMatch(
      /'c' is degraded; not ready: node2 \(dead, replica\)/,
    );
    await dbns(['wait', 'c', '--for', 'size=1']);
    await dbns(['stop', 'c', 'node2']);
    await dbns(['wait', 'c']);
    expect(await fails(['wait', 'c', '--for', 'stopped', '--timeout', '100ms'], 6)).toContain('not stopped: node1');
  });
});

test('--no-wait: goes on in the background, holds the cluster meanwhile, and wait waits for it', async () => {
  const { pid } = nodeOf(await statusOf('c'), 'node2');
  // Stopped again as soon as it is woken: the restart can't be quicker than our look at it.
  const hold = 'touch /tmp/held; while [ -e /tmp/held ] && kill -STOP $1; do sleep 0.005; done; kill -CONT $1';
  const holder = run(['bash', '-c', hold, 'hold', String(pid)], { expectExit: 'any' });
  const { json } = await dbns(['restart', 'c', '--no-wait', '--json']);
  const { background } = json as { background: { pid: number; log: string } };
  expect(await fails(['stop', 'c'], 5)).toContain(`'dbns restart c --json' (pid ${background.pid})`);
  rmSync('/tmp/held');
  await holder;
  await expect.poll(async () => (await dbns(['stop', 'c', 'node2'], { expectExit: 'any' })).exitCode).toBe(0);
  expect(readFileSync(background.log, 'utf8')).toContain('"outcome": "restarted"');
  await dbns(['start', 'c', '--no-wait']);
  await dbns(['wait', 'c', '--for', 'size=2', '--timeout', '5m']);
  await dbns(['wait', 'c', '--timeout', '5m']);
});

const WRONG: readonly (readonly [readonly string[], number, string])[] = [
  [['stop', 'nowhere'], 4, "There is no cluster 'nowhere'"],
  [['start', 'c', 'node9'], 4, "The cluster 'c' has no node 'node9'"],
  [['start', 'c', '--bootstrap', 'node9'], 4, "has no node 'node9'"],
  [['stop', 'c', '--role', 'member'], 4, "No node of 'c' is member. It has roles: primary, replica"],
  [['stop', 'c', '--group', 'shard1'], 4, 'groups: none'],
  [['stop', 'c', 'node1', '--all'], 2, 'Name nodes, or choose them by'],
  [['kill', 'c'], 2, "Which nodes of 'c'?"],
  [['pause'], 2, 'Which nodes'],
  [['kill', 'c', 'node1', '--signal', 'NONSENSE'], 2, "'NONSENSE' is not a signal"],
  [['add', 'nowhere'], 4, "There is no cluster 'nowhere'"],
  [['add', 'c', '--nodes', '0'], 2, '--nodes 0'],
  [['add', 'c', '--arbiter'], 2, '--arbiter'],
  [['add', 'c', '--image', 'nosuch:1'], 4, 'nosuch:1'],
  [['remove', 'c'], 2, "Which nodes of 'c'?"],
  [['remove', 'c', 'node9'], 4, "has no node 'node9'"],
  [['remove', 'c', '--all'], 5, "No node of 'c' would stay"],
  [['remove', 'c', 'node1'], 5, 'promote'],
  [['wait', 'c', '--for', 'nonsense'], 2, 'wait for one of ready'],
  [['wait', 'c', '--for', 'size=x'], 2, 'wait for one of ready'],
  [['stop', 'c', '--timeout', 'soon'], 2, 'is not a duration'],
];

test('wrong words: the right exit code and a sentence, and nothing is touched', async () => {
  for (const [words, exitCode, sentence] of WRONG)
    expect(await fails(words, exitCode), words.join(' ')).toContain(sentence);
  expect(await processes()).toEqual(['running', 'running']);
});

test('a verb on a node in the wrong state: exit 5', async () => {
  await dbns(['stop', 'c', 'node2']);
  for (const verb of ['kill', 'pause', 'resume'])
    expect(await fails([verb, 'c', 'node2'], 5)).toContain(`node2 of 'c' is stopped: there is no server to ${verb}.`);
});
