import { describe, expect, test } from 'vitest';
import { MYSQL, createGroup, hasImages, kill, nodeOf, statusOf, value } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { Writer } from './world/writer.js';

keepMachineClean();

/** Expelled as soon as it is missed, or a member that was killed would be waited for 5 s more. */
const SOON_EXPELLED = ['-c', 'group_replication_member_expel_timeout=0'];
const ALL = ['node1', 'node2', 'node3'];

async function shop(): Promise<void> {
  const uri = await uriOf('group');
  await query(uri, 'CREATE DATABASE shop');
  await query(uri, 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
}

const numbersOn = async (name: string) =>
  (await query(socketOf('group', name), 'SELECT id FROM shop.t ORDER BY id')).map(({ id }) => id as number);

async function crash(...names: string[]): Promise<void> {
  const now = await statusOf('group');
  for (const name of names) kill(nodeOf(now, name));
  for (const name of names) await expect.poll(async () => nodeOf(await statusOf('group'), name).process).toBe('dead');
}

describe('a group', { skip: !hasImages(MYSQL) }, () => {
  test('comes back after a stop and a kill of all, under a writer: no acknowledged row is missing', async () => {
    await createGroup(SOON_EXPELLED);
    await shop();
    const writer = new Writer(await Promise.all(ALL.map((name) => uriOf('group', name))));
    const more = async () => {
      const now = writer.acknowledged.length;
      await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(now + 50);
    };
    const comesBack = async () => {
      const { stderr } = await dbns(['start', 'group']);
      await dbns(['status', 'group', '--check', '--timeout', '5m']);
      await more();
      return stderr;
    };
    await more();
    await dbns(['stop', 'group']);
    expect((await statusOf('group')).state).toBe('stopped');
    expect((await dbns(['start', 'group', 'node1'], { expectExit: 5 })).stderr).toMatch(
      /node2, node3 may have what the others have not/,
    );
    expect(await comesBack()).toMatch(/node\d makes the group: it has all that the others have/);
    await crash(...ALL);
    await comesBack();
    await writer.stop();
    for (const name of ALL) {
      await expect
        .poll(async () => {
          const there = new Set(await numbersOn(name));
          return writer.acknowledged.filter((number) => !there.has(number));
        })
        .toEqual([]);
    }
    await expect.poll(async () => new Set((await Promise.all(ALL.map(numbersOn))).map(String)).size).toBe(1);
    const settings =
      'SELECT @@group_replication_bootstrap_group AS bootstrap, @@group_replication_start_on_boot AS boot';
    for (const name of ALL) expect(await query(socketOf('group', name), settings)).toEqual([{ bootstrap: 0, boot: 1 }]);
  });

  test('whose members have parted does not guess: --bootstrap says whose data count', async () => {
    await createGroup(['--nodes', '2', ...SOON_EXPELLED]);
    await shop();
    const [one, two] = [socketOf('group', 'node1'), socketOf('group', 'node2')];
    await expect.poll(() => numbersOn('node2').catch(() => null)).toEqual([]);
    // It is refused while its START, which returns a second after the member is ONLINE, is not over.
    await expect.poll(() => query(two, 'STOP GROUP_REPLICATION').catch(() => null)).toEqual([]);
    for (const sql of ['SET GLOBAL super_read_only = OFF', 'SET GLOBAL read_only = OFF']) await query(two, sql);
    await query(two, 'INSERT INTO shop.t VALUES (2)');
    await query(one, 'INSERT INTO shop.t VALUES (1)');
    await crash('node1', 'node2');
    const { stderr } = await dbns(['start', 'group'], { expectExit: 5 });
    expect(stderr).toMatch(/node1 and node2 have parted: node1 alone has \S+, node2 alone has \S+\./);
    expect(stderr).toContain('dbns start group --bootstrap node2');
    expect((await statusOf('group')).nodes.map(({ pid }) => pid)).toEqual([null, null]);

    const { stderr: told } = await dbns(['start', 'group', '--bootstrap', 'node2']);
    expect(told).toMatch(/node1 has transactions that the group never had: \S+\. It stays read-only and apart/);
    expect([await numbersOn('node1'), await numbersOn('node2')]).toEqual([[1], [2]]);
    expect(await value(one, 'SELECT @@super_read_only')).toBe(1);
    await query(await uriOf('group'), 'INSERT INTO shop.t VALUES (3)');
    expect(await numbersOn('node2')).toEqual([2, 3]);
    await dbns(['status', 'group', '--check', '--timeout', '5m'], { expectExit: 7 });
    expect((await dbns(['start', 'group', '--bootstrap', 'node1'], { expectExit: 2 })).stderr).toContain(
      'goes on with node2',
    );
  });
});
