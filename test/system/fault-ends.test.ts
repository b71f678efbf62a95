import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { HealView } from '../../src/lifecycle/faults/heal.js';
import { MARIADB, createReplication, kill, nodeOf, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { difference } from './world/difference.js';
import { kernelNow } from './world/kernel.js';
import { dbns, expectSameMachine, query, snapshot, socketOf, startDbns } from './world/machine.js';
import { MACHINE, nodePlace } from './world/places.js';
import { knockFrom } from './world/traffic.js';

// How faults end: by the clock, by heal, with their hosts, and with whoever was killed meanwhile.

const NO_ANSWER = 400; // ms after which none will come

let before = '';
let whole = '';
beforeAll(async () => {
  before = await snapshot();
  await createReplication(MARIADB, ['c', '--nodes', '3', '--subnet', '10.200.0.0/24']);
  whole = await kernelNow();
});
afterEach(async () => {
  await dbns(['heal', 'c', '--wait']);
  await expect.poll(async () => difference(whole, await kernelNow())).toBe('');
  await expect.poll(async () => (await statusOf('c')).keeper).toBeNull();
});
afterAll(async () => {
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
});

const faults = async () => (await statusOf('c')).faults.map(({ id, kind }) => `${id} ${kind}`);
const processes = async () => (await statusOf('c')).nodes.map(({ process }) => process);
const reaches = (from: string, to: string) => knockFrom(nodePlace('c', from), to, 3306, NO_ANSWER);
const NODE2 = '10.200.0.3';
const heal = async (...words: string[]) => (await dbns(['heal', 'c', ...words, '--json'])).json as HealView;

/** ms that the kernel leaves to what it drops by itself. */
async function left(): Promise<number> {
  const { stdout } = await run(['nft', '-j', 'list', 'sets', 'table', 'inet', 'dbns-c']);
  const [, seconds = 'none'] = /"expires": (\d+)/.exec(stdout) ?? [];
  return Number(seconds);
}

test('a partition ends by the kernel’s clock, though its command was killed; nothing lengthens it', async () => {
  const { child, result } = startDbns(['fault', 'partition', 'c', '--isolate', 'node1', '--for', '20s']);
  await expect.poll(left).toBeGreaterThan(0);
  child.kill('SIGKILL');
  await result.catch(() => undefined);
  expect(await reaches('node1', NODE2)).toBe('no answer');
  const first = await left();
  const other = await dbns(['fault', 'partition', 'c', '--side', 'node2', '--side', 'node3', '--json']);
  const { id } = (other.json as { fault: { id: string } }).fault;
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await dbns(['expose', 'c', 'node1', '--host-port', '3399']);
  await dbns(['heal', 'c', '--fault', id]);
  await dbns(['unexpose', 'c', '--all']);
  expect(await left()).toBeLessThan(first);
  expect(await reaches('node1', NODE2)).toBe('no answer');
  await expect.poll(() => reaches('node1', NODE2)).toBe('open');
  expect(await faults()).toEqual([]);
});

test('what the kernel does not end the keeper ends: a cut, a pause, a kill', async () => {
  await dbns(['fault', 'cut', 'c', 'node2', '--for', '1s']);
  expect((await statusOf('c')).keeper?.duties.length ?? 0).toBeLessThanOrEqual(1);
  await expect.poll(() => knockFrom(MACHINE, NODE2, 3306, NO_ANSWER)).toBe('open');
  await expect.poll(faults).toEqual([]);
  await dbns(['fault', 'pause', 'c', 'node3', '--for', '1s']);
  await expect.poll(processes).toEqual(['running', 'running', 'running']);
  await dbns(['fault', 'kill', 'c', 'node3', '--for', '1s']);
  await expect.poll(processes).toEqual(['running', 'running', 'running']);
  await expect.poll(faults).toEqual([]);
});

test('with a keeper that was killed the next look ends it', async () => {
  await dbns(['fault', 'cut', 'c', 'node2', '--for', '8s']);
  // One that ended its last duty just now takes it up in its next look.
  await expect.poll(async () => (await statusOf('c')).keeper?.duties).toHaveLength(1);
  const { keeper } = await statusOf('c');
  process.kill(keeper?.pid ?? 0, 'SIGKILL');
  await new Promise((resolve) => setTimeout(resolve, 9000));
  expect(await knockFrom(MACHINE, NODE2, 3306, NO_ANSWER)).toBe('no answer');
  await dbns(['list']);
  await dbns(['status', 'c']);
  await expect.poll(() => knockFrom(MACHINE, NODE2, 3306, NO_ANSWER)).toBe('open');
  await expect.poll(faults).toEqual([]);
});

test('heal undoes what faults did, and nothing else; and can be said again', async () => {
  kill(nodeOf(await statusOf('c'), 'node2'));
  await expect.poll(processes).toEqual(['running', 'dead', 'running']);
  await dbns(['fault', 'kill', 'c', 'node3']);
  await dbns(['fault', 'pause', 'c', 'node1']);
  await dbns(['fault', 'partition', 'c', '--isolate', 'node1']);
  expect(await processes()).toEqual(['paused', 'dead', 'dead']);
  const { stdout } = await dbns(['status', 'c'], { expectExit: 'any' });
  expect(stdout).toMatch(/^node1 .* paused +f\d+ f\d+/m);
  const view = await heal();
  expect(view).toMatchObject({ started: ['node3'], resumed: ['node1'], absent: [], talking: 4 });
  expect(await processes()).toEqual(['running', 'dead', 'running']);
  expect(await heal()).toMatchObject({ healed: [], started: [], resumed: [] });
  await dbns(['start', 'c']);
});

test('one that was to be stopped meanwhile is not started; what two faults hold one does not let go', async () => {
  await dbns(['fault', 'pause', 'c', 'node2']);
  const { json } = await dbns(['fault', 'pause', 'c', 'node2', '--json']);
  const id = (json as { faults: readonly { id: string }[] }).faults[0]?.id ?? '';
  expect(await heal('--fault', id)).toMatchObject({ resumed: [] });
  expect((await processes())[1]).toBe('paused');
  await dbns(['fault', 'kill', 'c', 'node3']);
  await dbns(['stop', 'c', 'node3']);
  expect(await heal()).toMatchObject({ started: [], resumed: ['node2'] });
  expect(await processes()).toEqual(['running', 'running', 'stopped']);
  await dbns(['start', 'c']);
});

test('a program that is attached is let go on too', async () => {
  await dbns(['attach', 'c', 'app', '--', 'sleep', '1000']);
  const states = async () => {
    const { stdout } = await run(['ip', 'netns', 'pids', 'dbns-c-app']);
    const pids = stdout.split('\n').filter((line) => line !== '');
    return pids.map((pid) => /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  };
  await dbns(['fault', 'pause', 'c', 'app']);
  expect(await states()).toContain('T');
  expect(await heal()).toMatchObject({ resumed: ['app'] });
  expect(await states()).not.toContain('T');
  await dbns(['detach', 'c', 'app']);
});

test('they work while another verb holds the cluster', async () => {
  const holder = spawn('flock', ['/var/lib/dbns/clusters/c/.', 'cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  holder.stdin.write('held');
  await once(holder.stdout, 'data');
  await dbns(['fault', 'partition', 'c', '--isolate', 'node2']);
  await dbns(['fault', 'cut', 'c', 'node3']);
  await dbns(['fault', 'pause', 'c', 'node3']);
  expect(await reaches('node1', NODE2)).toBe('no answer');
  expect(await heal()).toMatchObject({ resumed: ['node3'] });
  expect(await reaches('node1', NODE2)).toBe('open');
  holder.stdin.end();
  await once(holder, 'close');
});

test('a node that is removed leaves its faults; one that comes is on the side of the rest', async () => {
  await dbns(['fault', 'partition', 'c', '--isolate', 'node2', '--channel', 'client']);
  await dbns(['fault', 'partition', 'c', '--side', 'node3', '--side', 'node2', '--channel', 'client']);
  await dbns(['add', 'c', '--ip', '10.200.0.9']);
  expect(await knockFrom(nodePlace('c', 'node2'), '10.200.0.9', 3306)).toBe('open');
  expect(await knockFrom(MACHINE, NODE2, 3306, NO_ANSWER)).toBe('no answer');
  expect(await query(socketOf('c', 'node2'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await dbns(['fault', 'cut', 'c', 'node4']);
  await dbns(['remove', 'c', 'node4']);
  expect((await faults()).map((words) => words.split(' ')[1])).toEqual(['partition', 'partition']);
});
