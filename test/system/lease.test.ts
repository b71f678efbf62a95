import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { MARIADB, createReplication, statusOf } from './world/cluster.js';
import { dbns, keepMachineClean, startDbns } from './world/machine.js';
import { random, THOROUGH } from './world/sample.js';

keepMachineClean();

/** What the issue of a lease promises, and room for a machine that has much to do. */
const GONE = { timeout: 30_000, interval: 100 };

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function sleeper(script = 'exec sleep 100000'): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script], { stdio: 'ignore' });
  started.push(child);
  return child;
}

const names = async () =>
  ((await dbns(['list', '--json'])).json as { clusters: ClusterView[] }).clusters.map(({ name }) => name);
const one = (...words: string[]) => createReplication(MARIADB, ['r', '--nodes', '1', ...words]);

/** Never the group of the test itself. */
function end(pid: number | undefined): void {
  if (pid === undefined || pid <= 1) throw new Error('there is no such process');
  process.kill(pid, 'SIGKILL');
}

function childOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')[0]);
}

test('a cluster goes with the process that it is leased to, and says so before', async () => {
  const { pid } = sleeper();
  const { lease } = await one('--lease', String(pid), '--lease', '1h');
  expect(lease?.processes).toEqual([pid]);
  expect(Date.parse(lease?.until ?? '') - Date.now()).toBeGreaterThan(3_500_000);
  await expect.poll(async () => (await statusOf('r')).keeper?.duties).toEqual(['lease']);
  expect((await dbns(['status', 'r'])).stdout).toContain(`lease: until process ${pid} ends, or `);
  expect((await dbns(['doctor'], { expectExit: 'any' })).stdout).toMatch(/keepers.*at work: r \(pid/);
  end(pid);
  await expect.poll(names, GONE).toEqual([]);
});

test('a zombie has ended', async () => {
  // sh has become sleep, which collects no child.
  const parent = sleeper('sleep 5 & exec sleep 100000');
  await expect.poll(() => childOf(parent.pid)).toBeGreaterThan(0);
  const child = childOf(parent.pid);
  await one('--lease', String(child));
  await expect.poll(names, GONE).toEqual([]);
  expect(readFileSync(`/proc/${child}/stat`, 'utf8')).toMatch(/\) Z /);
});

test('its time is said anew, or that it stays; the keeper goes when it is not needed', async () => {
  await one('--lease', '1h');
  await dbns(['lease', 'r', '--off']);
  await expect.poll(async () => (await statusOf('r')).keeper).toBeNull();
  const { json } = await dbns(['lease', 'r', '3s', '--json']);
  expect((json as ClusterView).lease?.processes).toEqual([]);
  await expect.poll(names, GONE).toEqual([]);
});

test('a keeper that was killed keeps nobody: the next look ends it', async () => {
  const { pid } = sleeper();
  await one('--lease', String(pid));
  end((await statusOf('r')).keeper?.pid);
  end(pid);
  await sleep(300);
  await expect.poll(names, GONE).toEqual([]);
});

test('a create that is killed half-way goes too, at whatever moment', async () => {
  // The pristine directory is there: it outlives clusters.
  await one();
  await dbns(['destroy', 'r']);
  for (let turn = 0; turn < (THOROUGH ? 40 : 5); turn++) {
    const lease = sleeper();
    const words = ['replication', 'create', 'r', '--nodes', '2', '--image', MARIADB, '--lease', String(lease.pid)];
    const { child, result } = startDbns(words, { expectExit: 'any' });
    await sleep(150 + random() * 1500);
    child.kill('SIGKILL');
    lease.kill('SIGKILL');
    await result;
    await expect.poll(names, GONE).toEqual([]);
  }
});

test.each([
  { words: ['--lease', '4194304'], exit: 4, says: 'There is no process 4194304' },
  { words: ['--lease', 'soon'], exit: 2, says: "'soon' is not a duration" },
  { words: ['--lease', '1m', '--lease', '2m'], exit: 2, says: 'two times are given' },
])('$words is refused, and nothing is made', async ({ words, exit, says }) => {
  const { stderr } = await dbns(['pxc', 'create', ...words], { expectExit: exit });
  expect(stderr).toContain(says);
});
