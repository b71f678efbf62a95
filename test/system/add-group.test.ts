import { describe, expect, test } from 'vitest';
import { MYSQL, createGroup, hasImages, kill, nodeOf, statusOf, value } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, startDbns, uriOf } from './world/machine.js';
import { THOROUGH } from './world/sample.js';
import { Writer } from './world/writer.js';

keepMachineClean();

/** Room for five: in ten rounds addresses are given again. Who is killed is expelled as soon as it is missed. */
const SMALL = ['--subnet', '10.77.0.0/29', '-c', 'group_replication_member_expel_timeout=0'];

/** The longest that a write may take while a member comes or leaves, ms: the docs say it. */
const PAUSE = 10_000;

const namesOf = async () => (await statusOf('group')).nodes.map(({ name }) => name);
const primary = async () => (await statusOf('group')).nodes.find(({ role }) => role === 'primary')?.name ?? '';
const seedsOn = (name: string) => value(socketOf('group', name), 'SELECT @@group_replication_group_seeds');

async function writer(): Promise<Writer> {
  return new Writer(await Promise.all((await namesOf()).map((name) => uriOf('group', name))));
}

async function goesOn(writing: Writer): Promise<void> {
  const now = writing.acknowledged.length;
  await expect.poll(() => writing.acknowledged.length).toBeGreaterThan(now + 50);
}

async function addOne(): Promise<string> {
  const { stderr } = await dbns(['add', 'group']);
  await dbns(['status', 'group', '--check', '--timeout', '5m']);
  return stderr;
}

async function remove(...names: string[]): Promise<string> {
  return (await dbns(['remove', 'group', ...names])).stderr;
}

/** Nobody has all that was ever written in binary logs any more. */
async function purge(): Promise<void> {
  for (const name of await namesOf()) {
    await query(socketOf('group', name), 'FLUSH BINARY LOGS');
    await query(socketOf('group', name), 'PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY');
  }
}

async function expectAllRows({ acknowledged }: Writer): Promise<void> {
  const rows = async (name: string) =>
    (await query(socketOf('group', name), 'SELECT id FROM shop.t ORDER BY id')).map(({ id }) => id as number);
  const names = await namesOf();
  await expect.poll(async () => new Set((await Promise.all(names.map(rows))).map(String)).size).toBe(1);
  const there = new Set(await rows(names[0] ?? ''));
  expect(acknowledged.filter((number) => !there.has(number))).toEqual([]);
}

async function make(): Promise<void> {
  await createGroup(['--nodes', '2', ...SMALL]);
  await query(await uriOf('group'), 'CREATE DATABASE shop');
  await query(await uriOf('group'), 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
}

describe('members come and go under a writer', { skip: !hasImages(MYSQL) }, () => {
  test('by binary logs, and by a clone when they are purged; no write fails on those that stay', async () => {
    await make();
    const writing = await writer();
    await goesOn(writing);
    expect(await addOne()).toMatch(/node3: all \d+ transactions from the binary logs, which node1, node2 have whole/);
    expect(await seedsOn('node1')).toBe('10.77.0.2:33061,10.77.0.3:33061,10.77.0.4:33061');

    await purge();
    expect(await addOne()).toMatch(/node4: a copy of all data \(CLONE\).*: no member has all binary logs/);
    const settings =
      'SELECT @@group_replication_start_on_boot AS boot, @@super_read_only AS readOnly, @@server_id AS id';
    expect(await query(socketOf('group', 'node4'), settings)).toEqual([{ boot: 1, readOnly: 1, id: 4 }]);
    await goesOn(writing);

    kill(nodeOf(await statusOf('group'), 'node4'));
    const { stderr } = await dbns(['remove', 'group', 'node2', 'node3'], { expectExit: 5 });
    expect(stderr).toContain('without node2, node3 it counts 2 members, and reaches 1 of them');
    expect((await statusOf('group')).nodes.map(({ process }) => process)).toEqual([
      ...['running', 'running', 'running', 'dead'],
    ]);
    expect(await remove('node4')).toMatch(/3 members stay: writes need [23] of them/);
    expect(await remove('node2')).toContain('2 members stay: writes need 2 of them');
    expect(await seedsOn('node1')).toBe('10.77.0.2:33061,10.77.0.4:33061');
    await goesOn(writing);
    await writing.stop();
    expect(writing.failed).toEqual([]);
    expect(writing.slowest).toBeLessThan(PAUSE);
    await expectAllRows(writing);

    expect(await primary()).toBe('node1');
    const after = await writer();
    await goesOn(after);
    expect(await remove('node1')).toContain('node1 is the primary: when it leaves, the others elect one');
    await goesOn(after);
    await after.stop();
    expect(await primary()).toBe('node3');
    await dbns(['status', 'group', '--check', '--timeout', '5m']);
    expect((await dbns(['remove', 'group', 'node3'], { expectExit: 5 })).stderr).toContain('No node');
  });

  test('one that is interrupted leaves the group in order: a group of one goes on taking writes', async () => {
    await createGroup(['--nodes', '1']);
    await query(await uriOf('group'), 'CREATE DATABASE shop');
    const adding = startDbns(['add', 'group'], { expectExit: 130 });
    const members = 'SELECT COUNT(*) FROM performance_schema.replication_group_members';
    await expect.poll(() => value(socketOf('group', 'node1'), members), { interval: 20 }).toBe(2);
    adding.child.kill('SIGINT');
    await adding.result;
    expect(await value(socketOf('group', 'node1'), members)).toBe(1);
    await query(await uriOf('group'), 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await dbns(['status', 'group', '--check', '--timeout', '5m']);
    expect(await namesOf()).toEqual(['node1']);
  });

  test(
    'ten times, at addresses that others had, once in a while at one whose member was killed',
    { skip: !THOROUGH, timeout: 900_000 },
    async () => {
      await make();
      const writing = await writer();
      for (let round = 0; round < 10; round++) {
        if (round % 3 === 1) await purge();
        await addOne();
        const names = await namesOf();
        const last = names.at(-1) ?? '';
        expect(last).toBe(`node${round + 3}`);
        if (round % 3 === 0) await dbns(['rebuild', 'group', last]);
        if (round % 2 === 0) kill(nodeOf(await statusOf('group'), last));
        await remove(last);
        await goesOn(writing);
      }
      await writing.stop();
      expect(writing.failed).toEqual([]);
      await expectAllRows(writing);
    },
  );
});
