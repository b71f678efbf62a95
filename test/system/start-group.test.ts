import { describe, expect, test } from 'vitest';
import { MYSQL, createGroup, hasImages, kill, nodeOf, statusOf, value } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { THOROUGH } from './world/sample.js';
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

/** A run that is not thorough has the first alone, of two members: each takes six seconds to leave. */
const GROUPS: readonly (readonly string[])[] = [[], ['--multi-primary'], ['--communication-stack', 'mysql']];
const NODES = THOROUGH ? ALL : ALL.slice(0, 2);

describe.each((THOROUGH ? GROUPS : GROUPS.slice(0, 1)).map((words) => ({ words })))('a group $words', ({ words }) => {
  const needed = { skip: !hasImages(MYSQL) };

  test('comes back, stopped and killed, under a writer; members that have parted do not guess', needed, async () => {
    await createGroup(['--nodes', String(NODES.length), ...words, ...SOON_EXPELLED]);
    await shop();
    const writer = new Writer(await Promise.all(NODES.map((name) => uriOf('group', name))));
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
    expect((await dbns(['start', 'group', 'node1'], { expectExit: 5 })).stderr).toContain(
      `${NODES.slice(1).join(', ')} may have what the others have not`,
    );
    expect(await comesBack()).toMatch(/node\d makes the group: it has all that the others have/);
    await crash(...NODES);
    await comesBack();
    await writer.stop();
    for (const name of NODES) {
      await expect
        .poll(async () => {
          const there = new Set(await numbersOn(name));
          return writer.acknowledged.filter((number) => !there.has(number));
        })
        .toEqual([]);
    }
    await expect.poll(async () => new Set((await Promise.all(NODES.map(numbersOn))).map(String)).size).toBe(1);
    const settings =
      'SELECT @@group_replication_bootstrap_group AS bootstrap, @@group_replication_start_on_boot AS boot';
    for (const name of NODES)
      expect(await query(socketOf('group', name), settings)).toEqual([{ bootstrap: 0, boot: 1 }]);
    await part();
  });
});

/** Out of the group, each of the first two gets what the other has not. */
async function part(): Promise<void> {
  const [one, two] = [socketOf('group', 'node1'), socketOf('group', 'node2')];
  const apart = { [one]: -1, [two]: -2 };
  for (const node of NODES) {
    // It is refused while its START, which returns a second after the member is ONLINE, is not over.
    const socket = socketOf('group', node);
    await expect.poll(() => query(socket, 'STOP GROUP_REPLICATION').catch(() => null)).toEqual([]);
    for (const sql of ['SET GLOBAL super_read_only = OFF', 'SET GLOBAL read_only = OFF']) await query(socket, sql);
    const own = apart[socket];
    if (own !== undefined) await query(socket, `INSERT INTO shop.t VALUES (${own})`);
  }
  await crash(...NODES);
  const { stderr } = await dbns(['start', 'group'], { expectExit: 5 });
  // Who has as much as another stands in no order.
  expect(stderr).toMatch(/(node1 and node2|node2 and node1) have parted: (node[12] alone has \S+(, |\.)){2}/);
  expect(stderr).toContain('dbns start group --bootstrap node2');
  expect((await statusOf('group')).nodes.map(({ pid }) => pid)).toEqual(NODES.map(() => null));

  const { stderr: told } = await dbns(['start', 'group', '--bootstrap', 'node2']);
  expect(told).toMatch(/node1 has transactions that the group never had: \S+\. It stays read-only and apart/);
  expect([(await numbersOn('node1'))[0], (await numbersOn('node2'))[0]]).toEqual([-1, -2]);
  expect(await value(one, 'SELECT @@super_read_only')).toBe(1);
  await query(await uriOf('group'), 'INSERT INTO shop.t VALUES (-3)');
  expect((await numbersOn('node2')).slice(0, 2)).toEqual([-3, -2]);
  await dbns(['status', 'group', '--check', '--timeout', '5m'], { expectExit: 7 });
  expect((await dbns(['start', 'group', '--bootstrap', 'node1'], { expectExit: 2 })).stderr).toContain(
    'goes on with node2',
  );
}
