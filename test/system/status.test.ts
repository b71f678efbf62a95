import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { createPxc, nodeOf, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, keepMachineClean, query, socketOf, startDbns } from './world/machine.js';

const PROGRAM = path.resolve(import.meta.dirname, '../../bin/run.js');

keepMachineClean();

const processes = ({ nodes }: ClusterView) => nodes.map(({ process }) => process);
const pidOf = (cluster: ClusterView, node: string) => nodeOf(cluster, node).pid ?? 0;
/** As a stop of all nodes saves it before it ends their servers. */
const wantStopped = (name: string) => {
  const file = `/var/lib/dbns/clusters/${name}/cluster.json`;
  const saved = JSON.parse(readFileSync(file, 'utf8')) as { nodes: object[] };
  const nodes = saved.nodes.map((node) => ({ ...node, wanted: 'stopped' }));
  writeFileSync(file, JSON.stringify({ ...saved, nodes }));
};
const asNobody = (words: readonly string[], expectExit: number) => {
  const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];
  return run([...nobody, process.execPath, PROGRAM, ...words], { expectExit, env: { HOME: '/nonexistent' } });
};

test('a cluster that is well is shown so, and --check is content', async () => {
  await createPxc(['--nodes', '2']);
  const cluster = await statusOf('pxc');
  expect(cluster).toMatchObject({ name: 'pxc', topology: 'pxc', state: 'running' });
  for (const node of cluster.nodes) {
    expect(node).toMatchObject({ process: 'running', healthy: true, role: 'member' });
    expect(node.status).toMatchObject({ state: 'Synced', clusterSize: 2, clusterStatus: 'Primary', ready: true });
    expect(node.memoryBytes).toBeGreaterThan(20e6);
  }
  const { stdout } = await dbns(['status', 'pxc', '--check', '--timeout', '60s']);
  expect(stdout).toMatch(/node1 +10\.200\.0\.2 +member +running +Synced +Primary +2 +yes/);
  const { json } = await dbns(['status', '--check', '--timeout', '60s', '--json']);
  expect(json).toMatchObject({ clusters: [{ name: 'pxc' }] });
  expect((await dbns(['status', 'nowhere', '--json'], { expectExit: 4 })).json).toMatchObject({
    error: { code: 'DBNS_NOT_FOUND' },
  });
});

test('no cluster at all is fine too', async () => {
  expect((await dbns(['status', '--json', '--check'])).json).toEqual({ clusters: [] });
  expect((await dbns(['list', '--json'])).json).toEqual({ clusters: [] });
});

describe('a node', () => {
  test('whose server was killed is dead, and the others are told to be fewer', async () => {
    const cluster = await createPxc(['--nodes', '3']);
    process.kill(pidOf(cluster, 'node2'), 'SIGKILL');
    await expect.poll(async () => processes(await statusOf('pxc'))).toEqual(['running', 'dead', 'running']);
    const { nodes, state } = await statusOf('pxc');
    expect(state).toBe('degraded');
    expect(nodes[1]).toMatchObject({ process: 'dead', healthy: false, pid: null, memoryBytes: null });
    const { stderr } = await dbns(['status', '--check'], { expectExit: 7 });
    expect(stderr).toContain('pxc is degraded');
    const { json } = await dbns(['status', '--check', '--json'], { expectExit: 7 });
    expect(json).toMatchObject({ clusters: [{ state: 'degraded' }] });
    for (const node of ['node1', 'node3']) process.kill(pidOf(cluster, node), 'SIGKILL');
    await expect.poll(async () => processes(await statusOf('pxc'))).toEqual(['dead', 'dead', 'dead']);
    expect((await statusOf('pxc')).state).toBe('degraded');
    await dbns(['status', '--check'], { expectExit: 7 });
  });

  test('that is dead says how it ended; one that is to be stopped is stopped, and no bad news', async () => {
    const cluster = await createPxc(['--nodes', '3']);
    process.kill(pidOf(cluster, 'node2'), 'SIGKILL');
    await query(socketOf('pxc', 'node3'), 'SHUTDOWN');
    await expect
      .poll(async () => (await statusOf('pxc')).nodes.map(({ exit }) => exit && [exit.code, exit.signal]))
      .toEqual([null, [null, 'SIGKILL'], [0, null]]);
    const seen = await statusOf('pxc');
    expect(processes(seen)).toEqual(['running', 'dead', 'dead']);
    const ends = seen.nodes.flatMap(({ exit }) => (exit === null ? [] : [exit.at]));
    for (const at of ends) expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(120_000);
    const { stdout } = await dbns(['status']);
    expect(stdout).toContain(`node2: ended with SIGKILL at ${ends[0]}\nnode3: ended with exit code 0 at ${ends[1]}`);

    wantStopped('pxc');
    const half = await statusOf('pxc');
    expect([half.state, ...processes(half)]).toEqual(['degraded', 'running', 'stopped', 'stopped']);
    expect((await dbns(['status', '--check'], { expectExit: 7 })).stdout).toMatch(
      /\nnode1: runs, and was to be stopped; to end it: dbns stop pxc node1\n$/,
    );
    await dbns(['stop', 'pxc']);
    expect((await statusOf('pxc')).state).toBe('stopped');
    expect((await dbns(['status', '--check'])).stdout).not.toContain('ended with');
    expect((await dbns(['list', '--json'])).json).toMatchObject({
      clusters: [{ state: 'stopped', nodes: Array(3).fill({ wanted: 'stopped', process: 'stopped' }) }],
    });
    await run(['ip', 'netns', 'delete', nodeOf(cluster, 'node1').namespace]);
    expect(processes(await statusOf('pxc'))).toEqual(['stopped', 'stopped', 'stopped']);
    expect((await dbns(['uri'], { expectExit: 6 })).stderr).toContain(
      'node1 is stopped, node2 is stopped, node3 is stopped',
    );
  });

  test('that is stopped by a signal is paused, and well again when it goes on', async () => {
    const cluster = await createPxc(['--nodes', '3']);
    process.kill(pidOf(cluster, 'node3'), 'SIGSTOP');
    await expect.poll(async () => processes(await statusOf('pxc'))).toEqual(['running', 'running', 'paused']);
    await dbns(['status', '--check'], { expectExit: 7 });
    process.kill(pidOf(cluster, 'node3'), 'SIGCONT');
    await expect.poll(async () => (await statusOf('pxc')).state).toBe('running');
  });

  test('whose namespace was deleted is missing, and destroy removes the rest', async () => {
    const cluster = await createPxc(['--nodes', '3']);
    await run(['ip', 'netns', 'delete', nodeOf(cluster, 'node2').namespace]);
    expect(processes(await statusOf('pxc'))).toEqual(['running', 'missing', 'running']);
    expect((await dbns(['list', '--json'])).json).toMatchObject({
      clusters: [{ nodes: [{ process: 'running' }, { process: 'missing' }, { process: 'running' }] }],
    });
    await dbns(['destroy', 'pxc']);
    expect(existsSync(`/proc/${pidOf(cluster, 'node2')}`)).toBe(false);
  });

  // The freezer holds a process without a signal: it seems to sleep, its socket takes connections, nobody answers.
  test('that runs and does not answer is unresponsive', async () => {
    const cluster = await createPxc(['--nodes', '4']);
    const freezer = '/sys/fs/cgroup/freezer/dbns-test-status';
    mkdirSync(freezer);
    try {
      for (const name of ['node2', 'node4']) writeFileSync(`${freezer}/cgroup.procs`, String(pidOf(cluster, name)));
      writeFileSync(`${freezer}/freezer.state`, 'FROZEN');
      const seen = await statusOf('pxc', '5s');
      expect(processes(seen)).toEqual(['running', 'unresponsive', 'running', 'unresponsive']);
      expect(seen.nodes[1]).toMatchObject({ healthy: false, status: { error: expect.any(String) as string } });
      expect(seen.state).toBe('degraded');
      writeFileSync(`${freezer}/freezer.state`, 'THAWED');
      await expect.poll(async () => (await statusOf('pxc')).state).toBe('running');
      writeFileSync(`${freezer}/freezer.state`, 'FROZEN');
      const destroy = startDbns(['destroy', 'pxc'], { expectExit: 'any' });
      // A frozen process dies when it is thawed, not before: so says the kernel, not dbns.
      setTimeout(() => {
        writeFileSync(`${freezer}/freezer.state`, 'THAWED');
      }, 1000);
      expect((await destroy.result).exitCode).toBe(0);
    } finally {
      writeFileSync(`${freezer}/freezer.state`, 'THAWED');
      await expect
        .poll(() => {
          rmdirSync(freezer);
        })
        .toBeUndefined();
    }
  });

  test('that is cut off shows itself as non-Primary, over its socket, after the five seconds of Galera', async () => {
    await createPxc(['--nodes', '3']);
    const { stdout } = await run(['ip', '-json', 'link', 'show']);
    const links = JSON.parse(stdout) as { ifname: string; ifalias?: string }[];
    const link = links.find(({ ifalias }) => ifalias?.endsWith('pxc/node3') === true)?.ifname ?? '';
    await run(['ip', 'link', 'set', link, 'down']);
    await expect
      .poll(async () => (await statusOf('pxc')).nodes.map(({ status }) => [status.clusterStatus, status.clusterSize]))
      .toEqual([
        ['Primary', 2],
        ['Primary', 2],
        ['non-Primary', 1],
      ]);
    const seen = await statusOf('pxc');
    expect(processes(seen)).toEqual(['running', 'running', 'running']);
    expect(seen.nodes[2]).toMatchObject({ healthy: false, status: { ready: false, clusterStatus: 'non-Primary' } });
    expect(seen.nodes[0]).toMatchObject({ healthy: false });
    await dbns(['status', '--check'], { expectExit: 7 });
    await query(socketOf('pxc', 'node1'), 'CREATE DATABASE written_without_node3');
    await run(['ip', 'link', 'set', link, 'up']);
    await expect.poll(async () => (await statusOf('pxc')).state).toBe('running');
  });
});

describe('without root', () => {
  test('list names the clusters and tells how their processes stand; all else says that it needs root', async () => {
    const cluster = await createPxc(['--nodes', '3']);
    process.kill(pidOf(cluster, 'node1'), 'SIGKILL');
    await run(['ip', 'netns', 'delete', nodeOf(cluster, 'node3').namespace]);
    await expect.poll(async () => processes(await statusOf('pxc'))).toEqual(['dead', 'running', 'missing']);
    const { stdout } = await asNobody(['list', '--json'], 0);
    const [seen] = (JSON.parse(stdout) as { clusters: ClusterView[] }).clusters;
    expect(seen?.name).toBe('pxc');
    expect(seen?.nodes.map((node) => node.process)).toEqual(['dead', 'running', 'missing']);
    expect((await asNobody(['list'], 0)).stdout).toContain('pxc');
    for (const words of [
      ['status'],
      ['uri'],
      ['client'],
      ['logs'],
      ['destroy'],
      ['pxc', 'create'],
      ['exec', 'pxc', 'node1', '--', 'true'],
    ])
      expect((await asNobody(words, 3)).stderr).toMatch(/needs root[^]*sudo/);
    expect((await asNobody(['status', '--json'], 3)).stdout).toContain('DBNS_MACHINE');
  });
});

describe('--watch', () => {
  test('asks again and again until Ctrl-C', async () => {
    const cluster = await createPxc(['--nodes', '1']);
    const { child, result } = startDbns(['status', '--watch', '--json'], { expectExit: 'any' });
    let printed = '';
    child.stdout?.on('data', (text: string) => (printed += text));
    const states = () =>
      printed
        .split('\n')
        .filter(Boolean)
        .map((line) => (JSON.parse(line) as { clusters: ClusterView[] }).clusters[0]?.state);
    await expect.poll(() => states().length).toBeGreaterThanOrEqual(2);
    process.kill(pidOf(cluster, 'node1'), 'SIGKILL');
    await expect.poll(() => states().at(-1)).toBe('degraded');
    process.kill(-(child.pid ?? 0), 'SIGINT');
    expect((await result).exitCode).toBe(130);
  });
});
