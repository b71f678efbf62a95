import { describe, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { MARIADB, MYSQL, createReplication, hasImages, kill, nodeOf, statusOf, value } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { sample, THOROUGH } from './world/sample.js';
import { Writer } from './world/writer.js';

keepMachineClean();

async function shop(image: string, words: readonly string[]): Promise<ClusterView> {
  const cluster = await createReplication(image, ['r', ...words]);
  const uri = await uriOf('r');
  await query(uri, 'CREATE DATABASE shop');
  await query(uri, 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
  return cluster;
}

const numbersOn = async (name: string) =>
  (await query(socketOf('r', name), 'SELECT id FROM shop.t ORDER BY id')).map(({ id }) => id as number);

/** Every node has every row that was acknowledged, and all have the same. */
async function expectAllOn(names: readonly string[], acknowledged: readonly number[]): Promise<void> {
  const missing = async () => {
    const rows = await Promise.all(names.map(numbersOn));
    return rows.flatMap((there) => acknowledged.filter((number) => !there.includes(number)));
  };
  await expect.poll(missing).toEqual([]);
  await expect.poll(async () => new Set((await Promise.all(names.map(numbersOn))).map(String)).size).toBe(1);
}

const ALL = ['node1', 'node2', 'node3'];

/** Lets a replica look for a lost source every hour. */
const PATIENT: Readonly<Record<string, readonly string[]>> = {
  [MYSQL]: [
    'STOP REPLICA IO_THREAD',
    'CHANGE REPLICATION SOURCE TO SOURCE_CONNECT_RETRY = 3600',
    'START REPLICA IO_THREAD',
  ],
  [MARIADB]: ['STOP SLAVE', 'CHANGE MASTER TO MASTER_CONNECT_RETRY = 3600', 'START SLAVE'],
};

describe.each(sample([MYSQL, MARIADB], 1))('on %s', (image) => {
  const needed = { skip: !hasImages(image) };
  const receiver = (verb: string) => `${verb} ${image === MYSQL ? 'REPLICA' : 'SLAVE'} IO_THREAD`;

  test('a star comes back after a stop, a kill of one, of all, and of the source under a writer', needed, async () => {
    const cluster = await shop(image, ['--semi-sync']);
    const uris = await Promise.all(ALL.map((name) => uriOf('r', name)));
    const writer = new Writer(uris);
    const more = () => expect.poll(() => writer.acknowledged.length).toBeGreaterThan(writer.acknowledged.length + 50);
    const crash = async (...names: string[]) => {
      const now = await statusOf('r');
      for (const name of names) kill(nodeOf(now, name));
      await expect.poll(async () => nodeOf(await statusOf('r'), names.at(-1) ?? '').process).toBe('dead');
    };
    const comesBack = async (...names: string[]) => {
      await dbns(['start', 'r', ...names, '--timeout', '10m']);
      const { stdout } = await dbns(['status', 'r', '--check', '--timeout', '5m']);
      expect(stdout).not.toContain('Connecting');
    };
    await more();
    await dbns(['stop', 'r']);
    expect((await statusOf('r')).state).toBe('stopped');
    await comesBack();
    await more();
    await crash('node3');
    await comesBack();
    await more();
    await crash(...ALL);
    await comesBack();
    await more();
    // Who lives waits for its source: an hour, left to itself.
    for (const name of ['node2', 'node3'])
      for (const sql of PATIENT[image] ?? []) await query(socketOf('r', name), sql);
    await dbns(['stop', 'r', 'node1']);
    const waiting = (await statusOf('r')).nodes.filter(({ role }) => role === 'replica');
    expect(waiting.map(({ status }) => status.error)).toEqual([null, null]);
    await comesBack('node1');
    await more();
    await writer.stop();
    await expectAllOn(ALL, writer.acknowledged);
    expect((await statusOf('r')).nodes.map(({ status }) => status.semiSync)).toEqual([
      ...['source, 2 replicas', 'replica', 'replica'],
    ]);
    expect(cluster.nodes.map(({ role }) => role)).toEqual((await statusOf('r')).nodes.map(({ role }) => role));
  });

  test('a primary that was replaced follows its successor, or stays apart with what it alone has', needed, async () => {
    const cluster = await shop(image, []);
    for (const name of ALL) await expect.poll(() => numbersOn(name).catch(() => null)).toEqual([]);
    kill(nodeOf(cluster, 'node1'));
    await expect.poll(async () => nodeOf(await statusOf('r'), 'node1').process).toBe('dead');
    await dbns(['promote', 'r', 'node2', '--force']);
    await query(await uriOf('r'), 'INSERT INTO shop.t VALUES (1)');
    const follows = await dbns(['start', 'r']);
    expect(follows.stderr).toContain('node1 replicates from node2 now, which became its source meanwhile.');
    await dbns(['status', 'r', '--check', '--timeout', '5m']);
    await expectAllOn(ALL, [1]);
    expect(await value(socketOf('r', 'node1'), 'SELECT @@GLOBAL.read_only')).toBe(1);
    const kept = [1];
    if (image === MYSQL) {
      await restartThemselves({ node1: 1, node2: 0 });
      for (const name of ['node1', 'node3'])
        for (const sql of ['STOP REPLICA IO_THREAD', 'START REPLICA']) await query(socketOf('r', name), sql);
      await query(await uriOf('r', 'node2'), 'INSERT INTO shop.t VALUES (0)');
      kept.unshift(0);
      await expectAllOn(ALL, kept);
    }

    for (const name of ['node1', 'node3']) await query(socketOf('r', name), receiver('STOP'));
    await query(await uriOf('r', 'node2'), 'INSERT INTO shop.t VALUES (2)');
    kill(nodeOf(await statusOf('r'), 'node2'));
    await expect.poll(async () => nodeOf(await statusOf('r'), 'node2').process).toBe('dead');
    await dbns(['promote', 'r', 'node1', '--force']);
    const { stderr } = await dbns(['start', 'r']);
    expect(stderr).toMatch(/node2 has transactions that node1 never had: \S+\. It stays read-only and apart/);
    expect(await value(socketOf('r', 'node2'), 'SELECT @@GLOBAL.read_only')).toBe(1);
    expect(await numbersOn('node2')).toEqual([...kept, 2]);
    await query(await uriOf('r'), 'INSERT INTO shop.t VALUES (3)');
    await expectAllOn(['node1', 'node3'], [...kept, 3]);
    expect((await dbns(['status', 'r', '--check', '--timeout', '5m'], { expectExit: 7 })).stdout).toContain(
      'node2: error: replicates from nobody',
    );

    // Each of the two ways out of it.
    expect(stderr).toContain('apart: dbns rebuild r node2');
    expect((await dbns(['rebuild', 'r', 'node1'], { expectExit: 5 })).stderr).toContain('promote another first');
    const accepted = await dbns(['rebuild', 'r', 'node2', '--accept'], { expectExit: image === MYSQL ? 0 : 2 });
    if (image === MYSQL) {
      expect(accepted.stderr).toMatch(/An empty transaction stands for \S+ on node1/);
      await dbns(['status', 'r', '--check', '--timeout', '5m']);
      expect(await numbersOn('node2')).toEqual([...kept, 2, 3]);
    } else expect(accepted.stderr).toContain('rebuild it without --accept');
    const { stderr: rebuilt } = await dbns(['rebuild', 'r', 'node2']);
    expect(rebuilt).toContain('node2 gets a copy of node1 by');
    await query(await uriOf('r'), 'INSERT INTO shop.t VALUES (4)');
    await dbns(['status', 'r', '--check', '--timeout', '5m']);
    await expectAllOn(ALL, [...kept, 3, 4]);
    expect((await statusOf('r')).nodes.map(({ name, address, role }) => `${name} ${address} ${role}`)).toEqual(
      cluster.nodes.map(({ name, address }) => `${name} ${address} ${name === 'node1' ? 'primary' : 'replica'}`),
    );
  });
});

/** Servers that start themselves again come back as what they were. */
async function restartThemselves(readOnly: Readonly<Record<string, 0 | 1>>): Promise<void> {
  for (const [name, expected] of Object.entries(readOnly)) {
    const { pid } = nodeOf(await statusOf('r'), name);
    await query(socketOf('r', name), 'RESTART').catch(() => undefined);
    await expect.poll(async () => nodeOf(await statusOf('r'), name).pid ?? pid).not.toBe(pid);
    const now = () => value(socketOf('r', name), 'SELECT @@super_read_only').catch(() => null);
    await expect.poll(now).toBe(expected);
  }
}

/** Shapes and settings that a star of the default settings has not. */
const SHAPES: readonly (readonly [string, readonly string[]])[] = [
  ['chain', ['--shape', 'chain']],
  ['ring', ['--shape', 'ring']],
  ['fan-in', ['--shape', 'fan-in']],
  ['all-masters', ['--shape', 'all-masters']],
  ['star by file and position', ['--no-gtid']],
  ['star with a delayed replica', ['--delay', 'node3=2s']],
  ['semi-synchronous chain', ['--shape', 'chain', '--semi-sync']],
];
const SHAPED = [MARIADB, MYSQL].flatMap((image) => SHAPES.map(([name, words]) => ({ image, name, words })));
/** How many of them are tried in a run that is not thorough; those of MariaDB, which are soon done. */
const TRIED = 2;
const DRAWN = THOROUGH ? SHAPED : sample(SHAPED.slice(0, SHAPES.length), TRIED);

describe.each(DRAWN)('a $name of $image', ({ image, name, words }) => {
  test('comes back, stopped and killed, as a whole and one by one', { skip: !hasImages(image) }, async () => {
    await createReplication(image, ['r', '--nodes', '3', ...words]);
    const isWriter = async (node: string) => (await value(socketOf('r', node), 'SELECT @@GLOBAL.read_only')) === 0;
    const asked = await Promise.all(ALL.map(async (node) => ({ node, writes: await isWriter(node) })));
    // Each writes where nobody else does: nothing keeps the writers of a ring apart.
    const rows = new Map(asked.filter(({ writes }) => writes).map(({ node }) => [node, 0]));
    for (const node of rows.keys()) {
      await query(socketOf('r', node), `CREATE DATABASE of_${node}`);
      await query(socketOf('r', node), `CREATE TABLE of_${node}.t (id INT PRIMARY KEY)`);
    }
    const write = async (away: readonly string[] = []) => {
      for (const [node, count] of rows) {
        if (away.includes(node)) continue;
        await query(socketOf('r', node), `INSERT INTO of_${node}.t VALUES (${count})`);
        rows.set(node, count + 1);
      }
    };
    const comesBack = async (...names: string[]) => {
      await dbns(['start', 'r', ...names]);
      await dbns(['status', 'r', '--check', '--timeout', '5m']);
      for (const [node, count] of rows) {
        for (const holder of name === 'fan-in' ? [node, 'node3'] : ALL)
          await expect.poll(() => value(socketOf('r', holder), `SELECT COUNT(*) FROM of_${node}.t`)).toBe(count);
      }
    };
    for (const verb of ['stop', 'kill']) {
      await write();
      await dbns([verb, 'r', '--all']);
      await comesBack();
      for (const node of sample(ALL, 1)) {
        await dbns([verb, 'r', node]);
        await write([node]);
        await comesBack(node);
      }
    }
  });
});
