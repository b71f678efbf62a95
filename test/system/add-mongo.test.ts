import { describe, expect, test } from 'vitest';
import type { Document } from 'mongodb';
import { nodeOf, statusOf } from './world/cluster.js';
import { dbns, keepMachineClean, uriOf } from './world/machine.js';
import { MongoWriter, expectRows } from './world/mongo-writer.js';
import { admin, atSocket, createMongo, needsMongod, numbersOn, withMongo } from './world/mongo.js';
import { THOROUGH } from './world/sample.js';

keepMachineClean();

const ROUNDS = THOROUGH ? 10 : 1;

const namesOf = async () => (await statusOf('mongo')).nodes.map(({ name }) => name);

/** The members of a set's configuration, as one of them has it. */
async function configOn(name: string): Promise<readonly Document[]> {
  const { config } = await admin(atSocket(nodeOf(await statusOf('mongo'), name)), { replSetGetConfig: 1 });
  return (config as { members: Document[] }).members;
}

async function isWell(): Promise<void> {
  await dbns(['status', 'mongo', '--check', '--timeout', '2m']);
}

describe('a replica set', () => {
  test(
    `takes a member in and lets it go ${ROUNDS} times under a majority writer, without a failed write`,
    { ...needsMongod, timeout: 600_000 },
    async () => {
      await createMongo();
      const writer = new MongoWriter(await uriOf('mongo'));
      await writer.goesOn();
      for (let round = 0; round < ROUNDS; round++) {
        const name = `node${4 + round}`;
        const { stderr } = await dbns(['add', 'mongo', '--priority', '0.5', '--tag', 'dc:east']);
        expect(stderr).toContain(`${name}: a copy of all data into an empty directory (initial sync)`);
        await isWell();
        expect((await configOn(name)).at(-1)).toMatchObject({ votes: 1, priority: 0.5, tags: { dc: 'east' } });
        await writer.goesOn();
        await expectRows(writer, [name]);
        if (round === ROUNDS - 1) break;
        expect((await dbns(['remove', 'mongo', name])).stderr).toContain('3 of its members will vote');
      }
      await writer.stop();
      expect(writer.failed).toEqual([]);
      await expectRows(writer, await namesOf());
    },
  );

  test('lets its primary go: another one is elected, and a driver follows', needsMongod, async () => {
    await createMongo();
    const writer = new MongoWriter(await uriOf('mongo'));
    await writer.goesOn();
    expect((await dbns(['remove', 'mongo', 'node1'])).stderr).toContain('node1 is the primary of rs0: another one');
    await writer.goesOn();
    await writer.stop();
    expect(await namesOf()).toEqual(['node2', 'node3']);
    expect(await configOn('node2')).toHaveLength(2);
    await isWell();
    await expectRows(writer, ['node2', 'node3']);
    const dead = nodeOf(await statusOf('mongo'), 'node3');
    process.kill(dead.pid ?? 0, 'SIGKILL');
    // Until it has missed the other one for ten seconds, it is primary, and can let it go.
    await expect.poll(async () => nodeOf(await statusOf('mongo'), 'node2').status.error).toContain('sees no primary');
    const { stderr } = await dbns(['remove', 'mongo', 'node3'], { expectExit: 5 });
    expect(stderr).toMatch(/no (primary|majority)/);
    await dbns(['remove', 'mongo', 'node3', '--force']);
    await expect.poll(async () => (await statusOf('mongo')).state).toBe('running');
    expect(await configOn('node2')).toHaveLength(1);
  });

  test('takes in an arbiter and a hidden member, with --auth', needsMongod, async () => {
    await createMongo(['--nodes', '2', '--auth']);
    await dbns(['add', 'mongo', '--arbiter']);
    await dbns(['add', 'mongo', '--hidden']);
    await isWell();
    const { nodes } = await statusOf('mongo');
    expect(nodes.map(({ role }) => role)).toEqual(['primary', 'secondary', 'arbiter', 'secondary']);
    expect(nodeOf(await statusOf('mongo'), 'node4').status).toMatchObject({ hidden: true, priority: 0, votes: 1 });
    expect(await uriOf('mongo')).not.toContain(nodeOf(await statusOf('mongo'), 'node4').address);
    expect((await dbns(['add', 'mongo', '--source', 'node1'], { expectExit: 2 })).stderr).toContain(
      '--source: a MongoDB cluster takes no such word.',
    );
  });
});

test(
  'a sharded cluster gets a shard, a member of one, and a router; a shard is drained before it goes',
  { ...needsMongod, timeout: 600_000 },
  async () => {
    await createMongo(['--shards', '1', '--nodes', '1', '--config-nodes', '1']);
    await dbns(['add', 'mongo', '--shard']);
    await dbns(['add', 'mongo', '--router']);
    await dbns(['add', 'mongo', '--group', 'shard1']);
    await isWell();
    const { nodes } = await statusOf('mongo');
    expect(nodes.slice(3).map(({ name, group, role }) => `${name} ${group ?? ''} ${role}`)).toEqual([
      ...['node4 shard2 primary', 'node5 routers router', 'node6 shard1 secondary'],
    ]);
    const uri = await uriOf('mongo');
    expect(uri).toContain(nodeOf(await statusOf('mongo'), 'node5').address);
    await admin(uri, { enableSharding: 'shop' });
    await admin(uri, { shardCollection: 'shop.t', key: { _id: 'hashed' } });
    await withMongo(uri, (client) => client.db('own').collection('t').insertOne({}));
    await admin(uri, { movePrimary: 'own', to: 'shard2' });
    const writer = new MongoWriter(uri);
    await writer.goesOn();
    expect(await numbersOn(atSocket(nodeOf(await statusOf('mongo'), 'node4')))).not.toEqual([]);

    // It has chunks of the one, and is the primary shard of the other.
    expect((await dbns(['remove', 'mongo', '--group', 'shard2', '--timeout', '5m'])).stderr).toContain(
      'shard2 is drained first',
    );
    await writer.goesOn();
    await writer.stop();
    await isWell();
    const { shards } = await admin(uri, { listShards: 1 });
    expect((shards as Document[]).map(({ _id }) => String(_id))).toEqual(['shard1']);
    const there = new Set(await numbersOn(uri));
    expect(writer.acknowledged.filter((number) => !there.has(number))).toEqual([]);
    expect(await withMongo(uri, (client) => client.db('own').collection('t').countDocuments())).toBe(1);
    expect((await dbns(['remove', 'mongo', '--group', 'shard1'], { expectExit: 2 })).stderr).toContain(
      'would have no shard',
    );
    await dbns(['remove', 'mongo', 'node3']);
    await isWell();
    expect((await dbns(['remove', 'mongo', 'node5'], { expectExit: 2 })).stderr).toContain('would have no router');
  },
);
