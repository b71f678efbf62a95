import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MARIADB, MYSQL, createReplication, hasImages, kill, nodeOf, statusOf, value } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { sample, THOROUGH } from './world/sample.js';
import { Writer } from './world/writer.js';

keepMachineClean();

/** Room for five: addresses are given again. */
const SMALL = ['--nodes', '2', '--subnet', '10.77.0.0/29'];

const namesOf = async () => (await statusOf('r')).nodes.map(({ name }) => name);

async function shop(image: string, words: readonly string[]): Promise<void> {
  await createReplication(image, ['r', ...words]);
  const uri = await uriOf('r', 'node1');
  await query(uri, 'CREATE DATABASE shop');
  await query(uri, 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
}

async function goesOn(...writers: readonly Writer[]): Promise<void> {
  const before = writers.map(({ acknowledged }) => acknowledged.length);
  await expect
    .poll(() => writers.every(({ acknowledged }, position) => acknowledged.length > (before[position] ?? 0) + 30))
    .toBe(true);
}

const add = async (...words: string[]) => (await dbns(['add', 'r', ...words])).stderr;
const remove = async (...words: string[]) => (await dbns(['remove', 'r', ...words])).stderr;

/** What a node has in its binary logs does not reach back to the beginning any more. */
async function purge(...names: string[]): Promise<void> {
  for (const name of names) {
    const socket = socketOf('r', name);
    for (let log = 0; log < 2; log++) await query(socket, 'FLUSH BINARY LOGS');
    const first = async () => {
      // MariaDB keeps one until InnoDB has written all that is in it.
      await query(socket, "PURGE BINARY LOGS TO 'binlog.000003'");
      return value(socket, 'SHOW BINARY LOGS');
    };
    await expect.poll(first).toBe('binlog.000003');
  }
}

async function expectAllRows(...writers: readonly Writer[]): Promise<void> {
  const rows = async (name: string) =>
    (await query(socketOf('r', name), 'SELECT id FROM shop.t ORDER BY id')).map(({ id }) => id as number);
  const names = await namesOf();
  await expect.poll(async () => new Set((await Promise.all(names.map(rows))).map(String)).size).toBe(1);
  const there = new Set(await rows(names[0] ?? ''));
  expect(writers.flatMap(({ acknowledged }) => acknowledged).filter((number) => !there.has(number))).toEqual([]);
}

async function expectWell(): Promise<void> {
  await dbns(['status', 'r', '--check', '--timeout', '5m']);
}

describe.each(sample([MYSQL, MARIADB], 1))('on %s', (image) => {
  const needed = { skip: !hasImages(image) };

  test(
    'replicas come to a star by replay, by a copy and below a replica, and leave it, under a writer',
    needed,
    async () => {
      await shop(image, [...SMALL, '--semi-sync']);
      const writer = new Writer([await uriOf('r', 'node1')]);
      await goesOn(writer);
      expect(await add()).toContain('node3 replays all that node1 has: the binary logs reach back to the beginning.');
      await purge('node1');
      expect(await add()).toMatch(
        /node4 gets a copy of node1 by (CLONE|mariadb-backup): .* begin with binlog.000003 by now/,
      );
      expect(await add('--source', 'node3', '--delay', '1s')).toContain('node5 replays all that node3 has');
      const own = 'SELECT @@server_id AS id, @@GLOBAL.read_only AS readOnly';
      expect(await query(socketOf('r', 'node5'), own)).toEqual([{ id: 5, readOnly: 1 }]);
      expect(existsSync('/var/lib/dbns/clusters/r/node4/backup.cnf')).toBe(false);
      expect(nodeOf(await statusOf('r'), 'node5').status).toMatchObject({ source: 'node3', delaySeconds: 1 });
      await expectWell();

      expect(await remove('node3')).toContain('node5 replicates from node1 from now on.');
      kill(nodeOf(await statusOf('r'), 'node4'));
      await remove('node4');
      await goesOn(writer);
      await writer.stop();
      expect(writer.failed).toEqual([]);
      await expectAllRows(writer);
      await expectWell();
      expect((await statusOf('r')).nodes.map(({ name, status }) => [name, status.semiSync])).toEqual([
        ['node1', 'source, 2 replicas'],
        ['node2', 'replica'],
        ['node5', 'replica'],
      ]);
      expect(await namesOf()).toEqual(['node1', 'node2', 'node5']);

      const refused = async (exit: number, ...words: string[]) => (await dbns(words, { expectExit: exit })).stderr;
      expect(await refused(5, 'remove', 'r', 'node1')).toContain('dbns promote r node2');
      expect(await refused(2, 'add', 'r', '--arbiter')).toContain(
        'takes --source, --delay and --filter, not --arbiter.',
      );
      expect(await refused(2, 'add', 'r', '--source', 'node4')).toContain('the nodes are node1, node2, node5');
      expect(await refused(6, 'add', 'r', '--timeout', '1ms')).not.toContain('could not be taken back');
      expect(await namesOf()).toEqual(['node1', 'node2', 'node5']);

      expect(await remove('node2', 'node5')).toContain('its commits wait for none, and semi-sync is off there');
      const begun = Date.now();
      await query(await uriOf('r', 'node1'), 'INSERT INTO shop.t VALUES (0)');
      expect(Date.now() - begun).toBeLessThan(5000);
      await expectWell();
    },
  );

  // MySQL's take minutes, nearly all of them in copies.
  const often = { skip: needed.skip || (image === MYSQL && !THOROUGH) };
  test('nodes come to those that all write, and leave them, under writers', often, async () => {
    const shape = image === MYSQL ? 'ring' : 'all-masters';
    await shop(image, [...SMALL, '--shape', shape]);
    await query(await uriOf('r', 'node1'), 'CREATE TABLE shop.a (id INT PRIMARY KEY AUTO_INCREMENT, node INT)');
    for (const name of await namesOf()) {
      await expect.poll(() => query(socketOf('r', name), 'SELECT * FROM shop.a').catch(() => null)).toEqual([]);
    }
    const writers = [
      new Writer([await uriOf('r', 'node1')]),
      new Writer([await uriOf('r', 'node2')], 1_000_000),
    ] as const;
    await goesOn(...writers);
    await add();
    // By copies in one family, by replay in the other.
    if (image === MARIADB) await purge('node1', 'node2', 'node3');
    await add();
    for (const name of await namesOf()) {
      const numbers = 'SELECT @@GLOBAL.auto_increment_increment AS step, @@GLOBAL.auto_increment_offset AS first';
      expect(await query(socketOf('r', name), numbers)).toEqual([{ step: 4, first: Number(name.slice(-1)) }]);
    }
    for (let row = 0; row < 3; row++) {
      for (const name of await namesOf()) await query(socketOf('r', name), 'INSERT INTO shop.a (node) VALUES (1)');
    }
    await expectWell();
    await remove('node3');
    await goesOn(...writers);
    for (const writer of writers) await writer.stop();
    expect(writers.flatMap(({ failed }) => failed)).toEqual([]);
    await expectAllRows(...writers);
    for (const name of await namesOf()) {
      await expect.poll(() => value(socketOf('r', name), 'SELECT COUNT(*) FROM shop.a')).toBe(12);
    }
    await expectWell();
    await dbns(['restart', 'r']);
    await query(await uriOf('r', 'node4'), 'INSERT INTO shop.t VALUES (0)');
    await expectAllRows();
  });
});

test('without GTIDs a chain grows and shrinks by positions', { skip: !hasImages(MARIADB) }, async () => {
  await shop(MARIADB, [...SMALL, '--shape', 'chain', '--no-gtid']);
  const writer = new Writer([await uriOf('r', 'node1')]);
  await goesOn(writer);
  expect(await add()).toContain('node3 replays all that node2 has');
  await purge('node3');
  expect(await add()).toContain('node4 gets a copy of node3');
  await remove('node3');
  expect(await remove('node2')).toContain('node4 replicates from node1 from now on.');
  await goesOn(writer);
  await writer.stop();
  expect(writer.failed).toEqual([]);
  await expectAllRows(writer);
  await expectWell();
});

test(
  'a former primary that stays apart is built anew; one that is lost for good is replaced',
  { skip: !hasImages(MARIADB) },
  async () => {
    await shop(MARIADB, []);
    const crash = async (name: string) => {
      kill(nodeOf(await statusOf('r'), name));
      await expect.poll(async () => nodeOf(await statusOf('r'), name).process).toBe('dead');
    };
    const put = async (number: number, name: string) =>
      query(await uriOf('r', name), `INSERT INTO shop.t VALUES (${number})`);
    const has = (name: string, numbers: readonly number[]) =>
      expect
        .poll(async () => (await query(socketOf('r', name), 'SELECT id FROM shop.t')).map(({ id }) => id).sort())
        .toEqual(numbers);
    for (const name of ['node2', 'node3']) await has(name, []);
    for (const name of ['node2', 'node3']) await query(socketOf('r', name), 'STOP SLAVE IO_THREAD');
    await put(1, 'node1');
    await crash('node1');
    await dbns(['promote', 'r', 'node2', '--force']);
    expect((await dbns(['start', 'r'])).stderr).toContain('node1 has transactions that node2 never had');
    await put(2, 'node2');
    await remove('node1');
    await add();
    await has('node4', [2]);
    await expectWell();

    await crash('node2');
    expect((await dbns(['remove', 'r', 'node2'], { expectExit: 5 })).stderr).toContain('node2 is the primary');
    expect(await remove('node2', '--force')).toContain(
      'node3 replicates from nobody, and takes no writes until a node',
    );
    await dbns(['restart', 'r']);
    expect(await value(socketOf('r', 'node3'), 'SELECT @@GLOBAL.read_only')).toBe(1);
    expect((await dbns(['add', 'r'], { expectExit: 5 })).stderr).toContain('It has no primary');
    await dbns(['promote', 'r', 'node4']);
    await put(3, 'node4');
    await has('node3', [2, 3]);
    await add();
    await has('node5', [2, 3]);
    await expectWell();
  },
);

describe.each([MYSQL, MARIADB])('ten times on %s', (image) => {
  test(
    'at addresses that others had, by turns by replay and by copy',
    { skip: !THOROUGH || !hasImages(image), timeout: 900_000 },
    async () => {
      await shop(image, SMALL);
      const writer = new Writer([await uriOf('r', 'node1')]);
      for (let round = 0; round < 10; round++) {
        if (round === 5) await purge('node1');
        await add();
        const last = (await namesOf()).at(-1) ?? '';
        expect(last).toBe(`node${round + 3}`);
        await expectWell();
        if (round % 3 === 2) kill(nodeOf(await statusOf('r'), last));
        await remove(last);
        await goesOn(writer);
      }
      await writer.stop();
      expect(writer.failed).toEqual([]);
      await expectAllRows(writer);
    },
  );
});
