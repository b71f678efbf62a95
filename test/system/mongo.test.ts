import { rmSync, writeFileSync } from 'node:fs';
import { ObjectId } from 'mongodb';
import { describe, expect, test } from 'vitest';
import type { ClusterView, NodeView } from '../../src/lifecycle/view.js';
import { argvOf, nodeOf, procStatus, startByHand, statusOf } from './world/cluster.js';
import { dbns, inNode, keepMachineClean, uriOf } from './world/machine.js';
import { admin, atSocket, createMongo, discoverAt, needsMongod, numbersOn, withMongo } from './world/mongo.js';
import { MongoWriter } from './world/mongo-writer.js';
import { MACHINE, nodePlace } from './world/places.js';

const KILLS = Number(process.env.DBNS_TEST_FAILOVERS ?? 10);

keepMachineClean();

const rolesOf = ({ nodes }: ClusterView) => nodes.map(({ role }) => role);
const stateOf = async (name: string) => (await statusOf(name)).state;
const addressesOf = ({ nodes }: ClusterView) => nodes.map(({ address }) => `${address}:27017`).sort();

function signal({ pid }: NodeView, name: NodeJS.Signals): void {
  if (pid === null) throw new Error('it does not run');
  process.kill(pid, name);
}

/** One that its fellow members see as primary. */
async function primaryOf(name: string): Promise<NodeView> {
  let found: NodeView | undefined;
  await expect
    .poll(async () => (found = (await statusOf(name)).nodes.find(({ role, healthy }) => role === 'primary' && healthy)))
    .toBeDefined();
  if (found === undefined) throw new Error('there is no primary');
  return found;
}

test('without a mongod it says what to pull or install, and touches nothing', async () => {
  const { stderr } = await dbns(['mongo', 'create', '--image', 'mongodb:8.0'], { expectExit: 3 });
  expect(stderr).toContain('dbns image pull mongodb:8.0');
  expect((await dbns(['mongo', 'create', '--image', 'host'], { expectExit: 3 })).stderr).toContain('has no mongod');
});

describe('a replica set', () => {
  test('is whole: a majority write is on every member, and its timings are the server’s own', needsMongod, async () => {
    const cluster = await createMongo();
    expect(cluster).toMatchObject({ name: 'mongo', topology: 'mongo', state: 'running' });
    expect(rolesOf(cluster)).toEqual(['primary', 'secondary', 'secondary']);
    const uri = await uriOf('mongo');
    expect(uri).toBe(`mongodb://${addressesOf(cluster).join(',')}/?replicaSet=rs0`);
    await withMongo(uri, (client) =>
      client
        .db('shop')
        .collection<{ _id: number }>('t')
        .insertOne({ _id: 1 }, { writeConcern: { w: 'majority' } }),
    );
    for (const node of cluster.nodes) {
      await expect.poll(() => numbersOn(atSocket(node))).toEqual([1]);
      const { config } = await admin(atSocket(node), { replSetGetConfig: 1 });
      expect(config).toMatchObject({
        settings: { electionTimeoutMillis: 10_000, heartbeatIntervalMillis: 2000, catchUpTimeoutMillis: -1 },
        members: cluster.nodes.map(({ address }) => ({ host: `${address}:27017`, votes: 1, priority: 1 })),
      });
      expect(procStatus(node.pid, 'Uid')).toMatch(/^(?!0\s)\d+/);
      const { stdout } = await inNode('mongo', node.name, ['ip', '-oneline', 'address', 'show', 'dev', 'lo']);
      expect(stdout).not.toContain('169.254');
      expect((await inNode('mongo', node.name, ['ip', 'route', 'show', 'table', 'all'])).stdout).not.toContain(
        '169.254',
      );
    }
    const { nodes } = await statusOf('mongo');
    expect(nodes[0]?.status).toMatchObject({
      state: 'PRIMARY',
      primary: 'node1',
      votes: 1,
      priority: 1,
      lag: null,
      error: null,
    });
    expect(nodes[1]?.status).toMatchObject({ state: 'SECONDARY', primary: 'node1', error: null });
    expect(nodes[1]?.status.syncSource).toMatch(/^node[13]$/);
    expect(nodes[1]?.status.lag).toBeLessThan(12);
    expect(nodes[1]?.status.electionDate).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test('is discovered whole by one URI, from the machine and from inside a node', needsMongod, async () => {
    const cluster = await createMongo();
    const uri = await uriOf('mongo');
    for (const place of [MACHINE, nodePlace('mongo', 'node2')]) {
      expect(await discoverAt(place, uri)).toEqual({ hosts: addressesOf(cluster), found: 'a driver' });
    }
  });

  test(
    `its primary killed under a majority writer ${KILLS} times: a driver follows, and no acknowledged write is missing`,
    { ...needsMongod, timeout: 600_000 },
    async () => {
      // Elections after the default of 10 s would make this test take minutes, and prove no more.
      for (let round = 1; round <= KILLS; round++) {
        const cluster = await createMongo();
        const primary = nodeOf(cluster, 'node1');
        const quick = await admin(atSocket(primary), { replSetGetConfig: 1 });
        const config = quick.config as { version: number; settings: object };
        const settings = { ...config.settings, electionTimeoutMillis: 1000, heartbeatIntervalMillis: 200 };
        await admin(atSocket(primary), { replSetReconfig: { ...config, version: config.version + 1, settings } });
        const writer = new MongoWriter(await uriOf('mongo'));
        await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(100);
        signal(primary, 'SIGKILL');
        const atKill = writer.acknowledged.length;
        await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(atKill + 100);
        await writer.stop();
        const after = await statusOf('mongo');
        expect(after.state).toBe('degraded');
        expect(rolesOf(after).slice(1).sort()).toEqual(['primary', 'secondary']);
        for (const node of after.nodes.slice(1)) {
          await expect
            .poll(async () => {
              const there = new Set(await numbersOn(atSocket(node)));
              return writer.acknowledged.filter((number) => !there.has(number));
            })
            .toEqual([]);
        }
        await dbns(['destroy', 'mongo', '--yes']);
      }
    },
  );

  test('its primary paused: the others elect, and status says what each is', needsMongod, async () => {
    const cluster = await createMongo();
    const node1 = nodeOf(cluster, 'node1');
    signal(node1, 'SIGSTOP');
    const elected = await primaryOf('mongo');
    expect(elected.name).not.toBe('node1');
    const paused = await statusOf('mongo');
    expect(nodeOf(paused, 'node1').process).toBe('paused');
    expect((await dbns(['status', 'mongo', '--check'], { expectExit: 7 })).stdout).toContain('paused');
    signal(node1, 'SIGCONT');
    await expect.poll(() => stateOf('mongo')).toBe('running');
    expect(nodeOf(await statusOf('mongo'), 'node1').role).toBe('secondary');
  });

  test('most of it lost: no primary is told as such', needsMongod, async () => {
    const cluster = await createMongo();
    for (const name of ['node1', 'node2']) signal(nodeOf(cluster, name), 'SIGKILL');
    await expect.poll(async () => nodeOf(await statusOf('mongo'), 'node3').status.error).toContain('sees no primary');
    const { stdout } = await dbns(['status', 'mongo', '--check'], { expectExit: 7 });
    expect(stdout).toMatch(/node3: error: sees no primary; can't reach node1: .*; can't reach node2: /);
  });

  test('members have the parts that were said: arbiter, hidden, delayed, priorities, tags', needsMongod, async () => {
    const words = ['--nodes', '4', '--arbiters', '1', '--hidden', 'node3', '--delay', 'node4=60s'];
    const cluster = await createMongo([
      ...words,
      '--priority',
      'node2=5',
      '--tag',
      'node2=dc:east',
      '--tag',
      'node2=rack:7',
    ]);
    expect(rolesOf(cluster)).toEqual(['secondary', 'primary', 'secondary', 'secondary', 'arbiter']);
    expect(cluster.nodes.map(({ status }) => status.state)).toEqual([
      ...['SECONDARY', 'PRIMARY', 'SECONDARY', 'SECONDARY', 'ARBITER'],
    ]);
    const { config } = await admin(atSocket(nodeOf(cluster, 'node2')), { replSetGetConfig: 1 });
    expect((config as { members: object[] }).members).toMatchObject([
      { priority: 1 },
      { priority: 5, tags: { dc: 'east', rack: '7' } },
      { priority: 0, hidden: true },
      { priority: 0, hidden: true, slaveDelay: expect.anything() as unknown },
      { arbiterOnly: true, votes: 1 },
    ]);
    const uri = await uriOf('mongo');
    await withMongo(uri, (client) =>
      client
        .db('shop')
        .collection<{ _id: number }>('t')
        .insertOne({ _id: 1 }, { writeConcern: { w: 3 } }),
    );
    expect(await numbersOn(atSocket(nodeOf(cluster, 'node3')))).toEqual([1]);
    expect(await numbersOn(atSocket(nodeOf(cluster, 'node4')))).toEqual([]);
    expect((await dbns(['promote', 'mongo', 'node4'], { expectExit: 2 })).stderr).toContain('it is delayed');
    expect((await dbns(['promote', 'mongo', 'node5'], { expectExit: 2 })).stderr).toContain('it is an arbiter');
  });

  test('promote: a primary steps down in favour of the node, and no write is lost', needsMongod, async () => {
    await createMongo();
    let next = 1;
    for (const to of ['node2', 'node3', 'node1']) {
      const writer = new MongoWriter(await uriOf('mongo'), next);
      await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(50);
      const { json } = await dbns(['promote', 'mongo', to, '--json']);
      expect(json).toMatchObject({ primary: to, loss: null });
      const atSwitch = writer.acknowledged.length;
      await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(atSwitch + 100);
      next = await writer.stop();
      const now = await statusOf('mongo');
      expect(now.state).toBe('running');
      expect(now.nodes.filter(({ role }) => role === 'primary').map(({ name }) => name)).toEqual([to]);
      const there = new Set(await numbersOn(await uriOf('mongo')));
      expect(writer.acknowledged.filter((number) => !there.has(number))).toEqual([]);
    }
    expect((await dbns(['promote', 'mongo', 'node2', '--force'], { expectExit: 2 })).stderr).toContain('elects');
  });

  test('one node, and seven votes among nine', needsMongod, async () => {
    expect((await createMongo(['one', '--nodes', '1'])).state).toBe('running');
    await dbns(['destroy', 'one', '--yes']);
    const { nodes, state } = await createMongo(['nine', '--nodes', '9']);
    expect(state).toBe('running');
    expect(nodes.map(({ status }) => status.votes)).toEqual([1, 1, 1, 1, 1, 1, 1, 0, 0]);
  });

  test('an option goes to mongod; one that it does not know is told', needsMongod, async () => {
    const cluster = await createMongo(['-c', 'slowms=7', '--oplog-size', '100M', '--memory', '256M']);
    const { was, slowms } = await admin(atSocket(nodeOf(cluster, 'node2')), { profile: -1 });
    expect([was, slowms]).toEqual([0, 7]);
    const stats = await withMongo(atSocket(nodeOf(cluster, 'node2')), (client) =>
      client.db('local').command({ collStats: 'oplog.rs' }),
    );
    expect(stats.maxSize).toBe(100 * 1024 * 1024);
    const { wiredTiger } = await admin(atSocket(nodeOf(cluster, 'node2')), { serverStatus: 1 });
    expect((wiredTiger as { cache: Record<string, unknown> }).cache['maximum bytes configured']).toBe(
      140 * 1024 * 1024,
    );
    await dbns(['destroy', 'mongo', '--yes']);
    const words = ['mongo', 'create', '--image', process.env.DBNS_TEST_MONGOD ?? '', '-c', 'nonsense=1'];
    expect((await dbns(words, { expectExit: 2 })).stderr).toContain("does not know the option 'nonsense'");
  });
});

describe('--auth', () => {
  test('a client without the password is refused on every node, and members replicate', needsMongod, async () => {
    const cluster = await createMongo(['--auth', '--arbiters', '1']);
    expect(rolesOf(cluster)).toEqual(['primary', 'secondary', 'secondary', 'arbiter']);
    const uri = await uriOf('mongo');
    expect(uri).toMatch(/^mongodb:\/\/dbns:[\w-]+@.*authSource=admin/);
    await withMongo(uri, (client) =>
      client
        .db('shop')
        .collection<{ _id: number }>('t')
        .insertOne({ _id: 1 }, { writeConcern: { w: 3 } }),
    );
    for (const { address, name, role } of cluster.nodes) {
      const open = `mongodb://${address}:27017/?directConnection=true`;
      await expect(admin(open, { listDatabases: 1 })).rejects.toThrow(/auth/i);
      await expect(admin(open, { replSetGetStatus: 1 })).rejects.toThrow(/auth/i);
      const wrong = open.replace('//', '//dbns:wrong@');
      await expect(admin(wrong, { listDatabases: 1 })).rejects.toThrow(/auth/i);
      if (role !== 'arbiter') await expect.poll(() => uriOf('mongo', name).then(numbersOn)).toEqual([1]);
    }
    const { stdout } = await inNode('mongo', 'node1', [
      ...['find', '/var/lib/dbns/clusters/mongo/node1/keyfile', '-printf', '%m'],
    ]);
    expect(stdout).toBe('600');
  });

  test('a wrong key file is told as such', needsMongod, async () => {
    writeFileSync('/tmp/password', 'p@ss/w:rd\n');
    const cluster = await createMongo(['--auth', '--password-file', '/tmp/password']);
    rmSync('/tmp/password');
    expect(await numbersOn(await uriOf('mongo'))).toEqual([]);
    const node3 = nodeOf(cluster, 'node3');
    const argv = await argvOf(node3);
    signal(node3, 'SIGKILL');
    await expect.poll(async () => nodeOf(await statusOf('mongo'), 'node3').process).toBe('dead');
    writeFileSync('/var/lib/dbns/clusters/mongo/node3/keyfile', 'another/key/than/that/of/the/others/0123456789+');
    startByHand(node3, argv);
    await expect
      .poll(async () => nodeOf(await statusOf('mongo'), 'node3').status.error)
      .toMatch(/can't reach node1: .*[Aa]uth/);
    await expect
      .poll(async () => nodeOf(await statusOf('mongo'), 'node1').status.error)
      .toMatch(/can't reach node3: .*[Aa]uth/);
    expect(await stateOf('mongo')).toBe('degraded');
  });
});

describe('a sharded cluster', () => {
  test('of 2 shards, 3 config servers and a router: a collection is on both shards', needsMongod, async () => {
    const cluster = await createMongo(['sharded', '--shards', '2', '--nodes', '3']);
    expect(cluster.state).toBe('running');
    expect(cluster.nodes.map(({ group, role }) => `${group ?? ''} ${role}`)).toEqual([
      ...['shard1 primary', 'shard1 secondary', 'shard1 secondary'],
      ...['shard2 primary', 'shard2 secondary', 'shard2 secondary'],
      ...['config primary', 'config secondary', 'config secondary'],
      'routers router',
    ]);
    const uri = await uriOf('sharded');
    expect(uri).toBe(`mongodb://${nodeOf(cluster, 'node10').address}:27017/`);
    await withMongo(uri, async (client) => {
      const db = client.db('admin');
      await db.command({ enableSharding: 'shop' });
      await db.command({ shardCollection: 'shop.orders', key: { _id: 'hashed' } });
      const orders = client.db('shop').collection('orders');
      await orders.insertMany(
        Array.from({ length: 1000 }, () => ({ _id: new ObjectId() })),
        { writeConcern: { w: 'majority' } },
      );
      expect(await orders.countDocuments()).toBe(1000);
    });
    let all = 0;
    for (const name of ['node1', 'node4']) {
      const count = await withMongo(atSocket(nodeOf(cluster, name)), (client) =>
        client.db('shop').collection('orders').countDocuments(),
      );
      expect(count).toBeGreaterThan(100);
      all += count;
    }
    expect(all).toBe(1000);
    const { status } = nodeOf(await statusOf('sharded'), 'node10');
    expect(status).toMatchObject({ shards: 'shard1, shard2', balancer: 'full', error: null });
    expect(status.chunks).toMatch(/^shop\.orders \d+$/);
    expect(await discoverAt(nodePlace('sharded', 'node2'), uri)).toMatchObject({ found: 'a driver' });
    expect((await dbns(['promote', 'sharded', 'node10'], { expectExit: 2 })).stderr).toContain('is a router');
    await dbns(['promote', 'sharded', 'node5']);
    expect(nodeOf(await statusOf('sharded'), 'node5').role).toBe('primary');
  });

  test('with --auth, and its router alone has the account', needsMongod, async () => {
    const cluster = await createMongo(['sharded', '--shards', '1', '--nodes', '1', '--config-nodes', '1', '--auth']);
    const uri = await uriOf('sharded');
    expect((await admin(uri, { listShards: 1 })).shards).toHaveLength(1);
    const open = `mongodb://${nodeOf(cluster, 'node3').address}:27017/`;
    await expect(admin(open, { listShards: 1 })).rejects.toThrow(/auth/i);
  });
});
