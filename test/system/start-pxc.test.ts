import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { createPxc, discardedIn, kill, nodeOf, providerOptions, statusOf, value, wsrep } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { random, sample, THOROUGH } from './world/sample.js';
import { Writer } from './world/writer.js';

keepMachineClean();

const dataOf = (node: string) => `/var/lib/dbns/clusters/pxc/${node}/data`;
const logOf = (node: string) => `/var/lib/dbns/clusters/pxc/${node}/server.log`;
const stateOf = (node: string) => readFileSync(`${dataOf(node)}/grastate.dat`, 'utf8');
const seqnoOf = (node: string) => Number(/^seqno:\s+(\S+)/m.exec(stateOf(node))?.[1]);

/** Galera's timeouts as a node has them. */
async function periodsOf(node: string): Promise<object> {
  const options = Object.entries(await providerOptions(socketOf('pxc', node)));
  return Object.fromEntries(options.filter(([name]) => name.startsWith('evs.')));
}

async function makeTable(): Promise<void> {
  await query(socketOf('pxc', 'node1'), 'CREATE DATABASE shop');
  await query(socketOf('pxc', 'node1'), 'CREATE TABLE shop.t (id INT PRIMARY KEY) ENGINE = InnoDB');
}

/** Writes at a node, one row after another, until it can't any more; what was acknowledged is noted. */
async function writeAt(
  node: string,
  first: number,
  acknowledged: number[],
  goesOn: () => boolean = () => true,
): Promise<void> {
  const connection = await mysql.createConnection({
    socketPath: socketOf('pxc', node),
    user: 'root',
    database: 'shop',
  });
  connection.on('error', () => undefined);
  try {
    for (let id = first; goesOn(); id++) {
      await connection.query('INSERT INTO t (id) VALUES (?)', [id]);
      acknowledged.push(id);
    }
  } catch {
    // It was killed, or is alone now: whatever it said before counts.
  } finally {
    connection.destroy();
  }
}

/** All nodes have all rows that were acknowledged, and the same ones, and are at one position. */
async function expectAllRows(acknowledged: readonly number[], nodes: readonly string[]): Promise<void> {
  const sockets = nodes.map((node) => socketOf('pxc', node));
  const rows = new Set((await query(sockets[0] ?? '', 'SELECT id FROM shop.t')).map(({ id }) => id));
  expect(acknowledged.filter((id) => !rows.has(id))).toEqual([]);
  const sum = "SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(CRC32(id)), 0)) FROM shop.t";
  const sums = () => Promise.all(sockets.map((socket) => value(socket, sum)));
  await expect.poll(async () => new Set(await sums()).size).toBe(1);
  const positions = await Promise.all(sockets.map(async (socket) => (await wsrep(socket)).last_committed));
  expect(new Set(positions).size).toBe(1);
}

/** Who begins, as `start` tells it. */
async function start(words: readonly string[] = []): Promise<readonly string[]> {
  const { json } = await dbns(['start', 'pxc', ...words, '--json']);
  return (json as { clusters: { notes: string[] }[] }).clusters.flatMap(({ notes }) => notes);
}

/** Nobody that was asked is further than who begins, and that is one of these. */
function expectFurthest(notes: readonly string[], candidates: readonly string[]): void {
  const positions = notes.flatMap((note) => {
    const [, node = '', seqno] = /^(node\d) is at [0-9a-f-]{36}:(\d+)\.$/.exec(note) ?? [];
    return seqno === undefined ? [] : [{ node, seqno: Number(seqno) }];
  });
  const begins = notes.at(-1)?.split(' ')[0] ?? '';
  expect(candidates).toContain(begins);
  const most = Math.max(...positions.map(({ seqno }) => seqno));
  expect(positions.filter(({ seqno }) => seqno === most).map(({ node }) => node)).toContain(begins);
}

const isDead = async (node: string) => nodeOf(await statusOf('pxc'), node).pid === null;
const NODES = ['node1', 'node2', 'node3'];

/** In an order by lot. */
function shuffled(nodes: readonly string[]): readonly string[] {
  return nodes
    .map((node) => ({ node, lot: random() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ node }) => node);
}

/** So many orders, each another. */
function orders(nodes: readonly string[], count: number): readonly (readonly string[])[] {
  const drawn = new Map<string, readonly string[]>();
  while (drawn.size < count) {
    const order = shuffled(nodes);
    drawn.set(order.join(), order);
  }
  return [...drawn.values()];
}

/** Ends the nodes one after another while one that stays takes writes, and answers what was acknowledged. */
async function endInTurn(
  cluster: ClusterView,
  order: readonly string[],
  from: number,
  end: (node: string) => Promise<void>,
): Promise<readonly number[]> {
  const acknowledged: number[] = [];
  for (const [index, node] of order.entries()) {
    const writer = order[index + 1] ?? node;
    const before = acknowledged.length;
    let goesOn = true;
    const writing = writeAt(writer, from + index * 100_000, acknowledged, () => goesOn);
    await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(before + 20);
    await end(node);
    const after = acknowledged.length;
    if (writer !== node) await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(after);
    goesOn = false;
    await writing;
  }
  expect(cluster.nodes).toHaveLength(order.length);
  return acknowledged;
}

/** Of the two ways to come down one after another a run tries one. */
const [COMES_DOWN] = sample(['stopped', 'killed'] as const, 1);
const unlessDrawn = (way: string) => ({ skip: !THOROUGH && COMES_DOWN !== way });

test('all stop at one position and start from it; stopped or killed under a writer no row is missing', async () => {
  const cluster = await createPxc(['--nodes', '3']);
  const options = await periodsOf('node1');
  await makeTable();

  await dbns(['stop', 'pxc']);
  const seqnos = NODES.map(seqnoOf);
  expect(Math.max(...seqnos) - Math.min(...seqnos)).toBeLessThanOrEqual(1);
  expect(Math.min(...seqnos)).toBeGreaterThan(0);
  expect((await start()).at(-1)).toMatch(/^node\d begins: /);
  // Failure detection is what it was, and a server that starts itself again forms nothing.
  for (const node of NODES) {
    expect(await periodsOf(node)).toEqual(options);
    expect(readFileSync(`/var/lib/dbns/clusters/pxc/${node}/forming.cnf`, 'utf8')).toBe('');
  }

  // Some stop: those that stay go on, and are whole.
  await dbns(['stop', 'pxc', 'node2', 'node3']);
  expect(await wsrep(socketOf('pxc', 'node1'))).toMatchObject({ cluster_status: 'Primary', cluster_size: '1' });
  expect(nodeOf(await statusOf('pxc'), 'node1').healthy).toBe(true);
  expect(await periodsOf('node1')).toEqual(options);
  await query(socketOf('pxc', 'node1'), 'INSERT INTO shop.t (id) VALUES (-1)');
  expect(await start()).toEqual(['node1 runs: the others join.']);
  await expectAllRows([-1], NODES);

  // One is killed.
  const acknowledged: number[] = [];
  const writing = writeAt('node1', 0, acknowledged);
  await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(50);
  const earlier = new Map(NODES.map((node) => [node, discardedIn(logOf(node))]));
  kill(nodeOf(await statusOf('pxc'), 'node3'));
  await expect.poll(() => isDead('node3')).toBe(true);
  await start();
  for (const node of NODES) {
    expect(await periodsOf(node)).toEqual(options);
    expect(discardedIn(logOf(node))).toEqual(earlier.get(node));
  }

  // All are killed, the writer still at work; and one has lost its view.
  for (const node of (await statusOf('pxc')).nodes) kill(node);
  await writing;
  await expect.poll(async () => (await statusOf('pxc')).nodes.every(({ pid }) => pid === null)).toBe(true);
  rmSync(`${dataOf('node2')}/gvwstate.dat`, { force: true });
  const notes = await start();
  expect(notes.slice(0, -1).map((note) => note.replace(/[0-9a-f-]{36}:\d+/, 'P'))).toEqual(
    NODES.map((node) => `${node} is at P.`),
  );
  await expectAllRows(acknowledged, NODES);
  expect(await periodsOf('node1')).toEqual(options);
  expect(cluster.nodes.map(({ name }) => name)).toEqual(NODES);
});

test(
  'stopped one after another under writes, in an order by lot, the last begins and no row is missing',
  unlessDrawn('stopped'),
  async () => {
    const cluster = await createPxc(['--nodes', '3']);
    await makeTable();
    const all: number[] = [];
    for (const [round, order] of orders(NODES, THOROUGH ? 5 : 1).entries()) {
      const stopped = await endInTurn(cluster, order, round * 1_000_000, async (node) => {
        await dbns(['stop', 'pxc', node]);
      });
      all.push(...stopped);
      const last = order.at(-1) ?? '';
      expect((await start()).at(-1)).toBe(`${last} begins: it is the furthest.`);
      await expectAllRows(all, NODES);
    }
  },
);

test(
  'killed one after another under writes, whoever is the furthest begins, and no row is missing',
  unlessDrawn('killed'),
  async () => {
    const names = [...NODES, 'node4'];
    await createPxc(['--nodes', '4']);
    await makeTable();
    const all: number[] = [];
    for (const [round, order] of orders(names, THOROUGH ? 6 : 1).entries()) {
      // It writes at the node that is killed next: what that one alone may have is what could get lost.
      const writer = new Writer(await Promise.all(order.map((node) => uriOf('pxc', node))), round * 1_000_000);
      const more = async () => {
        const now = writer.acknowledged.length;
        await expect.poll(() => writer.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(now + 20);
      };
      const atOnce = round === 5 ? 2 : 1;
      const living = order.slice(atOnce === 2 ? 2 : 3);
      for (let next = 0; next < order.length - living.length; next += atOnce) {
        await more();
        await dbns(['kill', 'pxc', ...order.slice(next, next + atOnce)]);
      }
      // Half of a component has no quorum: nobody is told any more that a row is written.
      for (const node of living)
        await expect.poll(async () => (await wsrep(socketOf('pxc', node))).cluster_status).toBe('non-Primary');
      const told = writer.acknowledged.length;
      if (round % 2 === 0) await dbns(['kill', 'pxc', ...living]);
      expect(writer.acknowledged.length).toBe(told);
      const notes = await start();
      if (round % 2 === 0) expectFurthest(notes, order.slice(-2));
      else
        expect(notes[0]).toMatch(
          /^node\d(, node\d run| runs) in no primary component: all of the last one have to be back\.$/,
        );
      await more();
      await writer.stop();
      all.push(...writer.acknowledged);
      await expectAllRows(all, names);
    }
  },
);

test('a directory with nothing begins no cluster, whatever it calls itself', async () => {
  await createPxc(['--nodes', '2']);
  await makeTable();
  await query(socketOf('pxc', 'node2'), 'INSERT INTO shop.t (id) VALUES (1)');
  await dbns(['stop', 'pxc']);
  const nothing = stateOf('node1')
    .replace(/^uuid:.*$/m, 'uuid:    00000000-0000-0000-0000-000000000000')
    .replace(/^seqno:.*$/m, 'seqno:   -1')
    .replace(/^safe_to_bootstrap:.*$/m, 'safe_to_bootstrap: 1');
  writeFileSync(`${dataOf('node1')}/grastate.dat`, nothing);
  const refused = await dbns(['start', 'pxc', '--bootstrap', 'node1'], { expectExit: 2 });
  expect(refused.stderr).toContain("node1 can't begin (--bootstrap)");
  expect((await start()).at(-1)).toBe('node2 begins: it alone has data.');
  await expectAllRows([1], ['node1', 'node2']);

  // Two histories: nobody but the user can tell.
  await dbns(['stop', 'pxc']);
  const uuid = /^uuid:\s+(\S+)/m.exec(stateOf('node1'))?.[1] ?? '';
  const other = uuid.replace(/^.{8}/, 'ffffffff');
  writeFileSync(`${dataOf('node2')}/grastate.dat`, stateOf('node2').replace(uuid, other));
  const told = await dbns(['start', 'pxc'], { expectExit: 5 });
  for (const word of [uuid, other, 'node1', 'node2']) expect(told.stderr).toContain(word);
  expect(told.stderr).toContain('dbns start pxc --bootstrap node1');
  expect((await statusOf('pxc')).nodes.every(({ pid }) => pid === null)).toBe(true);
  expect((await start(['--bootstrap', 'node1'])).at(-1)).toBe('node1 begins, by your word: its data count.');
  await expectAllRows([1], ['node1', 'node2']);

  // The furthest is left out.
  await dbns(['stop', 'pxc', 'node1']);
  await query(socketOf('pxc', 'node2'), 'INSERT INTO shop.t (id) VALUES (2)');
  await dbns(['stop', 'pxc']);
  const left = await dbns(['start', 'pxc', 'node1'], { expectExit: 5 });
  expect(left.stderr).toContain('node2 is the furthest');
});

test(
  'that does not form by the recorded view is bootstrapped, and no row is missing',
  { skip: !THOROUGH },
  async () => {
    await createPxc(['--nodes', '2', '-c', 'wsrep_provider_options=pc.recovery=false']);
    await makeTable();
    await dbns(['stop', 'pxc', 'node1']);
    await query(socketOf('pxc', 'node2'), 'INSERT INTO shop.t (id) VALUES (1)');
    await dbns(['kill', 'pxc', 'node2']);
    const { stderr } = await dbns(['start', 'pxc']);
    expect(stderr).toMatch(/node2 begins: it is the furthest\.\n/);
    expect(stderr).toMatch(/did not form by a recorded view .*; now by bootstrap and join/);
    await expectAllRows([1], ['node1', 'node2']);
    for (const node of ['node1', 'node2']) expect(stateOf(node)).toContain('safe_to_bootstrap: 0');
  },
);
