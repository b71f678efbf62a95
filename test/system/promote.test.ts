import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import type { ClusterView, NodeView } from '../../src/lifecycle/view.js';
import { MARIADB, MYSQL, createPxc, createReplication, hasImages, nodeOf, statusOf, value } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { sample, THOROUGH } from './world/sample.js';
import { Writer } from './world/writer.js';

const TIMES = THOROUGH ? 10 : 2;

keepMachineClean();

const configOf = ({ log }: NodeView) => log.replace(/server\.log$/, 'my.cnf');

async function shop(image: string, words: readonly string[] = []): Promise<ClusterView> {
  const cluster = await createReplication(image, words);
  const uri = await uriOf(cluster.name);
  await query(uri, 'CREATE DATABASE shop');
  await query(uri, 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
  for (const { socket } of cluster.nodes) {
    await expect.poll(() => query(socket, 'SELECT id FROM shop.t').catch(() => null)).toEqual([]);
  }
  return cluster;
}

const numbersOn = async (socket: string) =>
  (await query(socket, 'SELECT id FROM shop.t')).map(({ id }) => id as number);

/** Of these numbers, those that a node has not. */
async function missingOn(socket: string, numbers: readonly number[]): Promise<number[]> {
  const there = new Set(await numbersOn(socket));
  return numbers.filter((number) => !there.has(number));
}

describe.each(sample([MYSQL, MARIADB], 1))('on %s', (image) => {
  const needed = { skip: !hasImages(image) };
  const replica = (verb: string, thread = '') => `${verb} ${image === MYSQL ? 'REPLICA' : 'SLAVE'} ${thread}`;

  test(`promote under a writer, ${TIMES} times: it goes on, and no acknowledged row is missing`, needed, async () => {
    const cluster = await shop(image);
    const uris = await Promise.all(cluster.nodes.map(({ name }) => uriOf(cluster.name, name)));
    for (const node of cluster.nodes) appendFileSync(configOf(node), '# mine\nlock_wait_timeout = 77\n');
    for (let round = 1; round <= TIMES; round++) {
      const to = `node${(round % 3) + 1}`;
      const writer = new Writer(uris);
      await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(100);
      await dbns(['promote', cluster.name, to]);
      const atSwitch = writer.acknowledged.length;
      await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(atSwitch + 1000);
      await writer.stop();
      for (const { socket } of cluster.nodes) {
        await expect.poll(() => missingOn(socket, writer.acknowledged)).toEqual([]);
      }
      const { nodes, state } = await statusOf(cluster.name);
      expect(state).toBe('running');
      expect(nodes.filter(({ role }) => role === 'primary').map(({ name }) => name)).toEqual([to]);
      expect(await uriOf(cluster.name)).toBe(await uriOf(cluster.name, to));
      await query(await uriOf(cluster.name), 'TRUNCATE shop.t');
      for (const { socket } of cluster.nodes) await expect.poll(() => numbersOn(socket)).toEqual([]);
      // A my.cnf says the new role, and goes on saying what somebody wrote into it.
      for (const node of nodes) {
        const config = readFileSync(configOf(node), 'utf8');
        expect(config).toContain('# mine\nlock_wait_timeout = 77\n');
        expect(config).toMatch(new RegExp(`^# ${node.name} .*, ${node.role}\\.$`, 'm'));
        expect([...config.matchAll(/^(super_)?read_only +=/gm)]).toHaveLength(node.role === 'primary' ? 0 : 1);
      }
    }
  });

  test(
    'promote --force tells exactly what is lost with a dead primary, and takes the most advanced replica alone',
    needed,
    async () => {
      const cluster = await shop(image);
      const uri = await uriOf(cluster.name);
      const [one, two, three] = cluster.nodes.map(({ socket }) => socket) as [string, string, string];
      const insert = (...numbers: number[]) =>
        numbers.reduce(async (before, number) => {
          await before;
          await query(uri, `INSERT INTO shop.t VALUES (${number})`);
        }, Promise.resolve());
      await insert(1, 2);
      for (const socket of [two, three]) await expect.poll(() => numbersOn(socket)).toEqual([1, 2]);
      await query(two, replica('STOP', 'IO_THREAD'));
      await insert(3, 4);
      await expect.poll(() => numbersOn(three)).toEqual([1, 2, 3, 4]);
      await query(three, replica('STOP', 'IO_THREAD'));
      await insert(5, 6, 7);
      expect(await numbersOn(one)).toHaveLength(7);

      const refused = async (words: readonly string[], exit: number, says: string) => {
        const { stderr } = await dbns(['promote', cluster.name, ...words], { expectExit: exit });
        expect(stderr).toContain(says);
      };
      await refused(['node3', '--force'], 5, 'node1 is alive: without --force nothing is lost.');
      await refused(['node3'], 5, 'node3 does not replicate now: receiver No');
      process.kill(nodeOf(cluster, 'node1').pid ?? 0, 'SIGKILL');
      await expect.poll(async () => (await statusOf(cluster.name)).nodes[0]?.process).toBe('dead');
      await refused(['node3'], 5, 'node1, the primary, does not answer');
      await refused(['node2', '--force'], 5, 'node3 has 2 transactions that node2 has not: promote node3.');

      const { json } = await dbns(['promote', cluster.name, 'node3', '--force', '--json']);
      expect(json).toMatchObject({ primary: 'node3', loss: { transactions: 3 } });
      expect(await numbersOn(three)).toEqual([1, 2, 3, 4]); // three of seven are lost
      await expect.poll(() => numbersOn(two)).toEqual([1, 2, 3, 4]);
      await query(await uriOf(cluster.name), 'INSERT INTO shop.t VALUES (8)');
      await expect.poll(() => numbersOn(two)).toEqual([1, 2, 3, 4, 8]);
      expect((await statusOf(cluster.name)).nodes.map(({ role, process }) => [role, process])).toEqual([
        ['replica', 'dead'],
        ['replica', 'running'],
        ['primary', 'running'],
      ]);
    },
  );

  test(
    'promote --force says that the loss is unknown when the binary logs are gone, and zero when nothing is lost',
    needed,
    async () => {
      const cluster = await shop(image, ['--nodes', '2']);
      await query(await uriOf(cluster.name), 'INSERT INTO shop.t VALUES (1)');
      await expect.poll(() => numbersOn(socketOf(cluster.name, 'node2'))).toEqual([1]);
      process.kill(nodeOf(cluster, 'node1').pid ?? 0, 'SIGKILL');
      await expect.poll(async () => (await statusOf(cluster.name)).nodes[0]?.process).toBe('dead');
      expect((await dbns(['promote', cluster.name, 'node2', '--force', '--json'])).json).toMatchObject({
        loss: { transactions: 0, gtids: '' },
      });
      await dbns(['destroy', '--all', '--yes']);

      const second = await createReplication(image, ['--nodes', '2']);
      process.kill(nodeOf(second, 'node1').pid ?? 0, 'SIGKILL');
      await expect.poll(async () => (await statusOf(second.name)).nodes[0]?.process).toBe('dead');
      rmSync(`/var/lib/dbns/clusters/${second.name}/node1/data`, { recursive: true });
      const { stdout } = await dbns(['promote', second.name, 'node2', '--force']);
      expect(stdout).toContain('node2 is the primary. Lost: unknown');
    },
  );
});

describe('on the image at hand', () => {
  const needed = { skip: !hasImages(MARIADB) };

  test('a chain and one without GTIDs turn round too', needed, async () => {
    for (const words of [['--shape', 'chain'], ['--no-gtid']]) {
      const cluster = await shop(MARIADB, words);
      await dbns(['promote', cluster.name, 'node3']);
      await query(await uriOf(cluster.name), 'INSERT INTO shop.t VALUES (1)');
      for (const { socket } of cluster.nodes) await expect.poll(() => numbersOn(socket)).toEqual([1]);
      await dbns(['status', '--check']);
      await dbns(['destroy', '--all', '--yes']);
    }
  });

  test('semi-sync goes with the roles', needed, async () => {
    const cluster = await shop(MARIADB, ['--semi-sync']);
    await dbns(['promote', cluster.name, 'node2']);
    expect((await statusOf(cluster.name)).nodes.map(({ status }) => status.semiSync)).toEqual([
      ...['replica', 'source, 2 replicas', 'replica'],
    ]);
    await query(await uriOf(cluster.name), 'INSERT INTO shop.t VALUES (1)');
  });

  test(
    'a client that holds a transaction open is cut off; what fails before roles turn is taken back',
    needed,
    async () => {
      const cluster = await shop(MARIADB);
      const holder = await mysql.createConnection({ uri: await uriOf(cluster.name) });
      holder.on('error', () => undefined);
      await holder.query('LOCK TABLES shop.t WRITE');
      await dbns(['promote', cluster.name, 'node2']);
      await expect(holder.query('INSERT INTO shop.t VALUES (1)')).rejects.toThrow();
      holder.destroy();
      // The next can't catch up: its tables are locked.
      const blocker = await mysql.createConnection({ socketPath: socketOf(cluster.name, 'node3'), user: 'root' });
      await blocker.query('FLUSH TABLES WITH READ LOCK');
      await query(await uriOf(cluster.name), 'INSERT INTO shop.t VALUES (2)');
      const { stderr } = await dbns(['promote', cluster.name, 'node3', '--timeout', '1s'], { expectExit: 6 });
      expect(stderr).toContain('node3 has not applied all of node2');
      blocker.destroy();
      await query(await uriOf(cluster.name, 'node2'), 'INSERT INTO shop.t VALUES (3)');
      await expect.poll(() => numbersOn(socketOf(cluster.name, 'node3'))).toEqual([2, 3]);
    },
  );

  test('one whose history parted is not promoted', needed, async () => {
    const cluster = await shop(MARIADB, ['-c', 'gtid_strict_mode=OFF']);
    const socket = socketOf(cluster.name, 'node2');
    await query(socket, 'SET GLOBAL read_only = OFF');
    await query(socket, 'CREATE DATABASE astray');
    const { stderr } = await dbns(['promote', cluster.name, 'node2'], { expectExit: 5 });
    expect(stderr).toMatch(/node2 has transactions that node1 never had: 0-2-\d+/);
    expect(await value(await uriOf(cluster.name, 'node1'), 'SELECT @@GLOBAL.read_only')).toBe(0);
  });

  test('where there is nobody to promote, one sentence says why', needed, async () => {
    const says = async (cluster: string, sentence: string) => {
      const { stderr } = await dbns(['promote', cluster, 'node2'], { expectExit: 2 });
      expect(stderr).toContain(sentence);
    };
    await createPxc(['--nodes', '2', '--image', MARIADB]);
    await says('pxc', 'Every node of a pxc cluster takes writes: there is no primary to promote.');
    await createReplication(MARIADB, ['ring', '--shape', 'ring']);
    await says('ring', 'Every node of the shape ring takes writes');
    await createReplication(MARIADB, ['late', '--delay', 'node2=60s']);
    await says('late', 'node2 applies 60 s late: promote another node.');
  });
});
