import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createPxc, statusOf, value } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, startDbns } from './world/machine.js';

// Faults while a node comes: both work at the same time, and the cluster comes back by the verbs that dbns names.

keepMachineClean();

const socket = (node: string) => socketOf('c', node);
const there = (node: string, name: string) => existsSync(`/var/lib/dbns/clusters/c/${node}/${name}`);
const phases = async () => (await statusOf('c')).nodes.map(({ name, phase }) => `${name} ${phase}`);

/** Enough that a transfer takes a while. */
async function fill(): Promise<void> {
  await createPxc(['c', '--nodes', '3', '--sst', 'rsync']);
  await query(socket('node1'), 'CREATE DATABASE shop');
  await query(socket('node1'), 'CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, b LONGBLOB)');
  for (let row = 0; row < 40; row++)
    await query(socket('node1'), "INSERT INTO shop.t (b) VALUES (REPEAT('x', 4000000))");
}

/** As somebody does who reads what dbns says: heal, start what is dead, and take away what is half there, or go on with it. */
async function recover(): Promise<void> {
  await dbns(['heal', 'c']);
  for (const one of (await phases()).filter((words) => !words.endsWith(' added'))) {
    await dbns(['remove', 'c', one.split(' ')[0] ?? '']);
  }
  await dbns(['start', 'c', '--timeout', '5m']);
  await dbns(['wait', 'c', '--timeout', '5m']);
  for (const { name } of (await statusOf('c')).nodes) {
    expect(await value(socket(name), 'SELECT COUNT(*) FROM shop.t')).toBe(40);
  }
}

test.each([
  ['the donor is killed', ['fault', 'kill', 'c', 'node1', 'node2', 'node3']],
  ['the newcomer is cut off', ['fault', 'partition', 'c', '--side', 'node4']],
])('in the middle of a transfer %s', async (_, words) => {
  await fill();
  const { result } = startDbns(['add', 'c', '--timeout', '20s'], { expectExit: 'any' });
  await expect.poll(() => there('node4', 'data/rsync_sst.pid') || there('node4', 'data/wsrep_sst.pid')).toBe(true);
  await dbns(words);
  expect((await statusOf('c')).faults).toHaveLength(1);
  const { exitCode, stderr } = await result;
  if (exitCode !== 0) {
    expect(exitCode).toBe(6);
    expect(stderr).toContain('The fault f1 is in force');
    expect(stderr).toContain('dbns heal c');
  }
  await recover();
});
