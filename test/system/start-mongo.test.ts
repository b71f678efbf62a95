import { describe, expect, test } from 'vitest';
import { kill, nodeOf, statusOf } from './world/cluster.js';
import { dbns, keepMachineClean, uriOf } from './world/machine.js';
import { MongoWriter, expectRows } from './world/mongo-writer.js';
import { admin, createMongo, insertNumber, needsMongod, numbersOn } from './world/mongo.js';
import { Watch } from './world/watch.js';

keepMachineClean();

const ALL = ['node1', 'node2', 'node3'];
const LONG = { ...needsMongod, timeout: 600_000 };

async function isWell(): Promise<void> {
  await dbns(['status', 'mongo', '--check', '--timeout', '2m']);
}

const namesIn = async (group: string | null) =>
  (await statusOf('mongo')).nodes.filter((node) => node.group === group).map(({ name }) => name);

async function crash(...names: string[]): Promise<void> {
  const now = await statusOf('mongo');
  for (const name of names) kill(nodeOf(now, name));
  for (const name of names) await expect.poll(async () => nodeOf(await statusOf('mongo'), name).process).toBe('dead');
}

/** Who takes writes in the set, or in a part of a sharded cluster. */
async function primaryOf(group: string | null = null): Promise<string> {
  const isPrimary = async () =>
    (await statusOf('mongo')).nodes.find((node) => node.group === group && node.role === 'primary' && node.healthy)
      ?.name ?? '';
  await expect.poll(isPrimary).not.toBe('');
  return isPrimary();
}

/** Of one member, whatever the others have. */
const ON_DISK = { w: 1, journal: true };

const SETS = [
  { name: 'three members', words: [], data: ALL },
  {
    name: 'an arbiter, a hidden and a delayed member, with --auth',
    words: ['--nodes', '4', '--arbiters', '1', '--auth', '--hidden', 'node3', '--delay', 'node4=1s'],
    data: [...ALL, 'node4'],
  },
];

describe.each(SETS)('a set of $name', ({ words, data }) => {
  test('comes back after a stop, a kill of one, of its primary and of all, under a writer', LONG, async () => {
    const { nodes } = await createMongo(words);
    const all = nodes.map(({ name }) => name);
    const writer = new MongoWriter(await uriOf('mongo'));
    const comesBack = async () => {
      expect((await dbns(['start', 'mongo'])).stderr).toContain('rs0 elects its primary by itself.');
      await isWell();
      await writer.goesOn();
    };
    await writer.goesOn();
    await dbns(['stop', 'mongo']);
    expect((await statusOf('mongo')).state).toBe('stopped');
    await comesBack();
    const primary = await primaryOf();
    await crash(primary === 'node2' ? 'node1' : 'node2');
    await comesBack();
    await crash(await primaryOf());
    await comesBack();
    await crash(...all);
    await comesBack();
    // One that is stopped makes nobody unwell: the others elect.
    await dbns(['stop', 'mongo', await primaryOf()]);
    await writer.goesOn();
    await isWell();
    await comesBack();
    await writer.stop();
    await expectRows(writer, data);
    const rows = () => Promise.all(data.map(async (name) => numbersOn(await uriOf('mongo', name))));
    await expect.poll(async () => new Set((await rows()).map(String)).size).toBe(1);
  });
});

test('too few for an election, what a member alone had, and wait', LONG, async () => {
  await createMongo();
  await dbns(['stop', 'mongo']);
  const { stderr } = await dbns(['start', 'mongo', 'node1']);
  expect(stderr).toContain('rs0 can elect no primary, and takes no writes. There of its 3 voters: node1.');
  expect(nodeOf(await statusOf('mongo'), 'node1').status.error).toMatch(/^sees no primary \(stopped: node2, node3\)$/);
  expect((await dbns(['start', 'mongo', '--bootstrap', 'node1'], { expectExit: 2 })).stderr).toContain(
    'elects its primary by itself',
  );
  // What is refused changes nothing in what is wanted.
  expect((await statusOf('mongo')).nodes.map((node) => node.process)).toEqual(['running', 'stopped', 'stopped']);
  const late = await dbns(['wait', 'mongo', '--for', 'primary', '--timeout', '300ms'], { expectExit: 6 });
  expect(late.stderr).toContain('none of node1 (running, secondary, SECONDARY) is a primary');
  await dbns(['start', 'mongo']);
  for (const condition of ['ready', 'synced', 'primary', 'size=3', 'lag=10s'])
    await dbns(['wait', 'mongo', '--for', condition, '--timeout', '1m']);

  // It writes in the moment before it misses the others, who elect without it then.
  const alone = await primaryOf();
  const others = ALL.filter((name) => name !== alone);
  await insertNumber(await uriOf('mongo'), 1, { w: 3 });
  const [uri, now] = [await uriOf('mongo', alone), await statusOf('mongo')];
  for (const name of others) kill(nodeOf(now, name));
  await insertNumber(uri, 2, ON_DISK);
  kill(nodeOf(now, alone));
  await dbns(['start', 'mongo', ...others]);
  await insertNumber(await uriOf('mongo'), 3, ON_DISK);
  const told = await dbns(['start', 'mongo']);
  expect(told.stderr).toContain(
    `${alone} rolled back what it alone had written: a file for bsondump in /var/lib/dbns/clusters/mongo/${alone}/data/rollback`,
  );
  await isWell();
  for (const name of ALL) await expect.poll(async () => numbersOn(await uriOf('mongo', name))).toEqual([1, 3]);
});

test('a sharded cluster comes back, stopped and killed, as a whole and by its parts', LONG, async () => {
  await createMongo(['--shards', '2', '--nodes', '2', '--config-nodes', '2']);
  const router = await uriOf('mongo');
  await admin(router, { enableSharding: 'shop' });
  await admin(router, { shardCollection: 'shop.t', key: { _id: 'hashed' } });
  const writer = new MongoWriter(router);
  const comesBack = async () => {
    await dbns(['start', 'mongo']);
    await isWell();
    await writer.goesOn();
  };
  await writer.goesOn();
  await dbns(['stop', 'mongo']);
  expect((await statusOf('mongo')).state).toBe('stopped');
  const [name = ''] = await namesIn('routers');
  expect((await dbns(['start', 'mongo', name], { expectExit: 5 })).stderr).toContain('when a config server runs');
  await comesBack();
  for (const group of ['shard1', 'config', 'routers']) {
    await crash(...(await namesIn(group)));
    await comesBack();
    await dbns(['stop', 'mongo', '--group', group]);
    await comesBack();
  }
  await crash(...(await statusOf('mongo')).nodes.map((node) => node.name));
  await comesBack();
  await writer.stop();
  const there = new Set(await numbersOn(router));
  expect(writer.acknowledged.filter((number) => !there.has(number))).toEqual([]);
  const shards = await Promise.all(
    ['shard1', 'shard2'].map(async (group) => (await numbersOn(await uriOf('mongo', await primaryOf(group)))).length),
  );
  expect(Math.min(...shards)).toBeGreaterThan(0);
});

test(
  'restart --rolling: one at a time, the primary last, after a switchover to whoever can be primary',
  LONG,
  async () => {
    const before = await createMongo(['--nodes', '4', '--arbiters', '1', '--hidden', 'node2']);
    const all = before.nodes.map(({ name }) => name);
    const writer = new MongoWriter(await uriOf('mongo'));
    await writer.goesOn();
    const watch = new Watch(before.nodes);
    const { json } = await dbns(['restart', 'mongo', '--rolling', '--json']);
    expect([...(await watch.stop())].sort()).toEqual(['', ...all]);
    const { clusters } = json as { clusters: { notes: string[] }[] };
    expect(clusters[0]?.notes.filter((note) => note.includes('took over'))).toEqual(['node3 took over from node1.']);
    const { nodes } = await statusOf('mongo');
    const byAge = [...nodes].sort((a, b) => (a.pid ?? 0) - (b.pid ?? 0)).map(({ name }) => name);
    expect(byAge).toEqual(['node2', 'node3', 'node4', 'node5', 'node1']);
    expect(await primaryOf()).toBe('node3');
    await writer.goesOn();
    await writer.stop();
    await isWell();
    await expectRows(writer, ['node1', 'node2', 'node3', 'node4']);
  },
);
