import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MARIADB, MYSQL, createReplication, hasImages, kill, nodeOf, statusOf } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { HOURS } from './world/patience.js';
import { sample } from './world/sample.js';
import { Writer } from './world/writer.js';

// Nodes whose data are worthless, by each kind of damage; that a rebuild is cut short is interrupt-growth.test's.

keepMachineClean();

const NAMES = ['node1', 'node2', 'node3'];
const dataOf = (node: string) => `/var/lib/dbns/clusters/c/${node}/data`;
const numbersOn = async (node: string) =>
  (await query(socketOf('c', node), 'SELECT id FROM shop.t ORDER BY id')).map(({ id }) => Number(id));
const isWell = () => dbns(['status', 'c', '--check', '--timeout', '5m']);

async function crash(node: string): Promise<void> {
  kill(nodeOf(await statusOf('c'), node));
  await expect.poll(async () => nodeOf(await statusOf('c'), node).process).toBe('dead');
}

async function shopOn(...nodes: readonly string[]): Promise<void> {
  for (const node of nodes) {
    const uri = await uriOf('c', node);
    await query(uri, 'CREATE DATABASE IF NOT EXISTS shop');
    await query(uri, 'CREATE TABLE IF NOT EXISTS shop.t (id INT PRIMARY KEY)');
  }
}

/** In these several nodes write, and what is rebuilt is one of them, or who gathers. */
const SHAPES = [
  ...[MARIADB, MYSQL].flatMap((image) =>
    [
      ['ring'],
      ['ring', '--no-gtid'],
      ['all-masters'],
      ['all-masters', '--no-gtid'],
      ['fan-in'],
      ['fan-in', '--no-gtid'],
    ].map(([shape = '', ...words]) => ({ image, shape, words, nodes: 3 })),
  ),
  ...['ring', 'all-masters'].map((shape) => ({ image: MARIADB, shape, words: [], nodes: 2 })),
].filter(({ image }) => hasImages(image));

describe('where several nodes write', () => {
  test.each(sample(SHAPES, 1))(
    'one of a $shape of $nodes ($image, $words) gets what it had, and what it wrote itself',
    { timeout: HOURS },
    async ({ image, shape, words, nodes }) => {
      await createReplication(image, ['c', '--nodes', String(nodes), '--shape', shape, ...words]);
      const names = NAMES.slice(0, nodes);
      const writing = shape === 'fan-in' ? names.slice(0, -1) : names;
      const complete = shape === 'fan-in' ? names.slice(-1) : names;
      const rebuilt = shape === 'fan-in' ? 'node3' : 'node2';
      await shopOn(...(shape === 'fan-in' ? writing : ['node1']));
      for (const node of complete) await expect.poll(() => numbersOn(node).catch(() => null)).toEqual([]);
      const writers = await Promise.all(
        writing.map(async (node, at) => new Writer([await uriOf('c', node)], 1 + at * 1_000_000)),
      );
      const more = async () => {
        const before = writers.map(({ acknowledged }) => acknowledged.length);
        const grown = () => writers.every(({ acknowledged }, at) => acknowledged.length > (before[at] ?? 0) + 20);
        await expect.poll(grown).toBe(true);
      };
      await more();
      await dbns(['rebuild', 'c', rebuilt]);
      await more();
      await isWell();
      // What one had that crashes and is thrown away is told to be lost; so it writes nothing before.
      await writers[writing.indexOf(rebuilt)]?.stop();
      await expect.poll(async () => missingOn(complete, writers.slice(1, 2))).toEqual([]);
      await crash(rebuilt);
      rmSync(dataOf(rebuilt), { recursive: true });
      // By position its binary log alone tells where the next goes on.
      const stranded = shape === 'ring' && words.includes('--no-gtid') && nodes > 2;
      const { stderr } = await dbns(['rebuild', 'c', rebuilt], { expectExit: stranded ? 5 : 0 });
      if (stranded) expect(stderr).toContain('must run to leave');
      for (const writer of writers) await writer.stop();
      if (!stranded) {
        await isWell();
        await expect.poll(async () => missingOn(complete, writers)).toEqual([]);
      }
      if (shape === 'fan-in') {
        const refused = await dbns(['rebuild', 'c', 'node1'], { expectExit: 2 });
        expect(refused.stderr).toContain('node1 is a source');
      }
      await dbns(['destroy', 'c']);
    },
  );
});

test.each(
  sample(
    [MARIADB, MYSQL].filter((image) => hasImages(image)),
    1,
  ),
)(
  'below one whose applier has stopped (%s) nothing is thrown away: that one comes first',
  { timeout: HOURS },
  async (image) => {
    await createReplication(image, ['c', '--nodes', '3', '--shape', 'chain']);
    await shopOn('node1');
    for (const node of NAMES) await expect.poll(() => numbersOn(node).catch(() => null)).toEqual([]);
    const readOnly = image === MYSQL ? 'super_read_only' : 'read_only';
    const writable = (value: string) => query(socketOf('c', 'node2'), `SET GLOBAL ${readOnly} = ${value}`);
    await writable('OFF');
    await dbns(['client', 'c', 'node2', '--', '-e', 'SET sql_log_bin = OFF; INSERT INTO shop.t VALUES (1)']);
    await writable('ON');
    await query(await uriOf('c', 'node1'), 'INSERT INTO shop.t VALUES (1)');
    await expect
      .poll(async () => nodeOf(await statusOf('c'), 'node2').status)
      .toMatchObject({ applier: 'No', error: expect.stringContaining('1062') as string });
    const { stderr } = await dbns(['rebuild', 'c', 'node3'], { expectExit: 5 });
    expect(stderr).toMatch(/^Error: node2 would be copied, and does not replicate from node1: 1062 /);
    expect(stderr).toContain('dbns rebuild c node2');
    expect(nodeOf(await statusOf('c'), 'node3')).toMatchObject({ process: 'running', status: { source: 'node2' } });
    for (const node of ['node2', 'node3']) await dbns(['rebuild', 'c', node]);
    await isWell();
    for (const node of NAMES) expect(await numbersOn(node)).toEqual([1]);
    await dbns(['destroy', 'c']);
  },
);

async function missingOn(nodes: readonly string[], writers: readonly Writer[]): Promise<readonly string[]> {
  const lists = await Promise.all(
    nodes.map(async (node) => {
      const there = new Set(await numbersOn(node));
      const lacking = writers.flatMap(({ acknowledged }) => acknowledged.filter((number) => !there.has(number)));
      return lacking.map((number) => `${node} lacks ${number}`);
    }),
  );
  return lists.flat();
}

/** What is done to the last node of three. */
type Damages = Readonly<Record<string, () => Promise<void>>>;
const files: Damages = {
  'a directory that is emptied under its server': () => {
    rmSync(dataOf('node3'), { recursive: true });
    return Promise.resolve();
  },
  'a node without any of its files': async () => {
    await crash('node3');
    rmSync(`${dataOf('node3')}/..`, { recursive: true });
  },
  'damaged tables': async () => {
    await crash('node3');
    writeFileSync(`${dataOf('node3')}/ibdata1`, Buffer.alloc(300_000, 7), { flag: 'r+' });
    await dbns(['start', 'c', '--timeout', '40s'], { expectExit: 'any' });
  },
};

const errant: Damages = {
  'transactions of its own': async () => {
    const local = ['SET GLOBAL read_only = OFF', 'INSERT INTO shop.t VALUES (99)'];
    for (const sql of local) await query(socketOf('c', 'node3'), sql);
  },
};

const galera: Damages = {
  'a grastate.dat that says nothing': async () => {
    await crash('node3');
    for (const name of ['grastate.dat', 'gvwstate.dat']) writeFileSync(`${dataOf('node3')}/${name}`, 'nothing');
  },
  'a log that is cut off': async () => {
    await crash('node3');
    truncateSync(`${dataOf('node3')}/ib_logfile0`, 5000);
  },
};

const group: Damages = {
  'a transaction that the group never had': async () => {
    const socket = socketOf('c', 'node3');
    await query(socket, 'STOP GROUP_REPLICATION');
    await query(socket, 'SET GLOBAL super_read_only = OFF');
    await query(socket, 'INSERT INTO shop.t VALUES (99)');
    await expect(query(socket, 'START GROUP_REPLICATION')).rejects.toThrow();
    expect((await dbns(['restart', 'c', 'node3'])).stderr).toContain('apart: dbns rebuild c node3');
  },
};

const CASES = [
  ...[MARIADB, MYSQL].flatMap((image) =>
    Object.keys({ ...files, ...errant }).map((what) => ({ topology: 'replication', image, what })),
  ),
  ...Object.keys({ ...files, ...galera }).map((what) => ({ topology: 'pxc', image: MARIADB, what })),
  ...Object.keys({ ...files, ...group }).map((what) => ({ topology: 'group', image: MYSQL, what })),
].filter(({ image }) => hasImages(image));
const doing: Damages = { ...files, ...errant, ...galera, ...group };

describe('a node with', () => {
  test.each(sample(CASES, 1))(
    '$what ($topology, $image) gets all data anew',
    { timeout: HOURS },
    async ({ topology, image, what }) => {
      await dbns([topology, 'create', 'c', '--nodes', '3', '--image', image]);
      await shopOn('node1');
      await query(await uriOf('c', 'node1'), 'INSERT INTO shop.t VALUES (1)');
      for (const node of NAMES) await expect.poll(() => numbersOn(node).catch(() => null)).toEqual([1]);
      const before = nodeOf(await statusOf('c'), 'node3');
      await doing[what]?.();
      await dbns(['rebuild', 'c', 'node3']);
      await isWell();
      await query(await uriOf('c', 'node1'), 'INSERT INTO shop.t VALUES (2)');
      for (const node of NAMES) await expect.poll(() => numbersOn(node)).toEqual([1, 2]);
      expect(nodeOf(await statusOf('c'), 'node3')).toMatchObject({ address: before.address, role: before.role });
      await dbns(['destroy', 'c']);
    },
  );
});
