import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { MARIADB, createPxc, createReplication, hasImages, nodeOf, statusOf } from './world/cluster.js';
import { run, start } from './world/command.js';
import { dbns, keepMachineClean, query, socketOf } from './world/machine.js';

const PROGRAM = path.resolve(import.meta.dirname, '../../bin/run.js');

keepMachineClean();

/** The kernel's means to let a process have so little of a CPU that all it does takes seconds. */
const GROUP = '/sys/fs/cgroup/cpu/dbns-test-slow';

test('a server that works and gets no further is slow, not unresponsive; who has time waits', async () => {
  const cluster = await createPxc(['--nodes', '1']);
  const looks = async (...words: string[]) => {
    const { json } = await dbns(['status', 'pxc', '--json', ...words]);
    return (json as { clusters: ClusterView[] }).clusters[0]?.nodes[0];
  };
  mkdirSync(GROUP);
  try {
    writeFileSync(`${GROUP}/cpu.cfs_period_us`, '1000000');
    writeFileSync(`${GROUP}/cpu.cfs_quota_us`, '1000');
    writeFileSync(`${GROUP}/cgroup.procs`, String(nodeOf(cluster, 'node1').pid));
    const endless = query(socketOf('pxc', 'node1'), "SELECT BENCHMARK(1e12, MD5('x'))").catch(() => undefined);
    await expect.poll(async () => (await looks())?.process).toBe('slow');
    const { stdout, stderr } = await whenSlow();
    expect(stdout).toMatch(/node1 .* slow[^]*\nnode1: error: no answer in 900 ms/);
    expect(stderr).toMatch(/pxc is degraded[^]*--timeout 10s gives them more time: node1 of pxc/);
    expect(await looks('--timeout', '10m')).toMatchObject({ process: 'running', status: { state: 'Synced' } });
    writeFileSync(`${GROUP}/cpu.cfs_quota_us`, '-1');
    await dbns(['destroy', 'pxc']);
    await endless;
  } finally {
    writeFileSync(`${GROUP}/cpu.cfs_quota_us`, '-1');
    await expect
      .poll(() => {
        rmdirSync(GROUP);
      })
      .toBeUndefined();
  }
});

/** One look after another may find it quick. */
async function whenSlow() {
  for (;;) {
    const result = await dbns(['status', 'pxc', '--check'], { expectExit: 'any' });
    if (result.stdout.includes(' slow ')) return result;
  }
}

test.skipIf(!hasImages(MARIADB))('of several channels each is shown beside its source, in 80 columns', async () => {
  const cluster = await createReplication(MARIADB, ['--shape', 'fan-in']);
  await query(socketOf(cluster.name, 'node3'), "STOP SLAVE 'node2' SQL_THREAD");
  const { stdout } = await dbns(['status', cluster.name]);
  expect(stdout).toMatch(/\nnode3 .* node1 +Yes +Yes +0 s +0 +yes\n +node2 +Yes +No +-\n/);
  for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  expect((await statusOf(cluster.name)).nodes[2]?.status.channels).toMatchObject([
    { source: 'node1', receiver: 'Yes', applier: 'Yes', secondsBehind: 0 },
    { source: 'node2', receiver: 'Yes', applier: 'No', secondsBehind: null },
  ]);
  expect((await dbns(['status', cluster.name, '--wide'])).stdout).toMatch(/READ-ONLY +SEMI-SYNC +DELAY +MEMORY\n/);
});

test('--watch takes a page of the terminal of its own, fits its height and its changes, and gives it back', async () => {
  await createPxc(['--nodes', '3']);
  const line = `stty rows 4 cols 90; exec ${process.execPath} ${PROGRAM} status --watch`;
  // `script` is the terminal: what it was shown is on our stdout.
  const terminal = ['script', '--quiet', '--return', '--command', line, '/dev/null'];
  const { child, result } = start(terminal, { expectExit: 'any', env: { NO_COLOR: '1', FORCE_COLOR: undefined } });
  let shown = '';
  child.stdout?.on('data', (text: string) => (shown += text));
  const [enter, leave] = ['\u001B[?1049h', '\u001B[?1049l'];
  const plain = () => stripVTControlCharacters(shown).replaceAll('\r', '');
  await expect.poll(plain).toMatch(/NODE .*\n… and 3 more lines/);
  expect(shown.startsWith(enter)).toBe(true);
  expect(shown).not.toContain('node3');
  const watching = childOf(child.pid ?? 0);
  await run(['stty', '-F', `/proc/${watching}/fd/0`, 'rows', '20']);
  await expect.poll(plain).toMatch(/\nnode3 .*$/);
  expect(shown).not.toContain(leave);
  process.kill(watching, 'SIGINT');
  expect((await result).exitCode).toBe(130);
  expect(shown.split(leave)).toEqual([expect.stringMatching(/^[^]*node3[^]*$/), expect.stringMatching(/^\s*$/)]);
  expect(shown.split(enter)).toHaveLength(2);
});

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}
