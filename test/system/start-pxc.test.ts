import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { createPxc, kill, nodeOf, providerOptions, statusOf, value, wsrep } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf } from './world/machine.js';
import { random, THOROUGH } from './world/sample.js';

keepMachineClean();

const dataOf = (node: string) => `/var/lib/dbns/clusters/pxc/${node}/data`;
const stateOf = (node: string) => readFileSync(`${dataOf(node)}/grastate.dat`, 'utf8');
const seqnoOf = (node: string) => Number(/^seqno:\s+(\S+)/m.exec(stateOf(node))?.[1]);

async function makeTable(): Promise<void> {
  await query(socketOf('pxc', 'node1'), 'CREATE DATABASE d');
  await query(socketOf('pxc', 'node1'), 'CREATE TABLE d.t (id INT PRIMARY KEY) ENGINE = InnoDB');
}

/** Writes at a node, one row after another, until it can't any more; what was acknowledged is noted. */
async function writeAt(node: string, first: number, acknowledged: number[]): Promise<void> {
  const connection = await mysql.createConnection({ socketPath: socketOf('pxc', node), user: 'root', database: 'd' });
  connection.on('error', () => undefined);
  try {
    for (let id = first; ; id++) {
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
  const rows = new Set((await query(sockets[0] ?? '', 'SELECT id FROM d.t')).map(({ id }) => id));
  expect(acknowledged.filter((id) => !rows.has(id))).toEqual([]);
  const sum = "SELECT CONCAT(COUNT(*), ' ', COALESCE(SUM(CRC32(id)), 0)) FROM d.t";
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

const isDead = async (node: string) => nodeOf(await statusOf('pxc'), node).pid === null;
const NODES = ['node1', 'node2', 'node3'];

/** In an order by lot. */
function shuffled(): readonly string[] {
  return NODES.map((node) => ({ node, lot: random() }))
    .sort((a, b) => a.lot - b.lot)
    .map(({ node }) => node);
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
    const writer = order[index + 1];
    const before = acknowledged.length;
    const writing = writeAt(writer ?? node, from + index * 100_000, acknowledged);
    await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(before + 20);
    await end(node);
    if (writer !== undefined) {
      const alone = await mysql.createConnection({ socketPath: socketOf('pxc', writer), user: 'root' });
      await expect
        .poll(async () => (await wsrep(socketOf('pxc', writer))).cluster_size)
        .toBe(String(order.length - index - 1));
      await alone.query(`KILL ${await writersId(alone)}`).catch(() => undefined);
      alone.destroy();
    }
    await writing;
  }
  expect(cluster.nodes).toHaveLength(order.length);
  return acknowledged;
}

async function writersId(connection: mysql.Connection): Promise<number> {
  const [rows] = await connection.query<mysql.RowDataPacket[]>(
    "SELECT id FROM information_schema.processlist WHERE db = 'd'",
  );
  return (rows[0] as { id?: number } | undefined)?.id ?? 0;
}

test('all stop at one position and start from it; stopped or killed under a writer no row is missing', async () => {
  const cluster = await createPxc(['--nodes', '3']);
  const options = await providerOptions(socketOf('pxc', 'node1'));
  await makeTable();

  await dbns(['stop', 'pxc']);
  const seqnos = NODES.map(seqnoOf);
  expect(Math.max(...seqnos) - Math.min(...seqnos)).toBeLessThanOrEqual(1);
  expect(Math.min(...seqnos)).toBeGreaterThan(0);
  expect((await start()).at(-1)).toMatch(/^node\d begins: /);
  // Failure detection is what it was, and a server that starts itself again forms nothing.
  for (const node of NODES) {
    expect(await providerOptions(socketOf('pxc', node))).toEqual(options);
    expect(readFileSync(`/var/lib/dbns/clusters/pxc/${node}/forming.cnf`, 'utf8')).toBe('');
  }

  // Some stop: those that stay go on, and are whole.
  await dbns(['stop', 'pxc', 'node2', 'node3']);
  expect(await wsrep(socketOf('pxc', 'node1'))).toMatchObject({ cluster_status: 'Primary', cluster_size: '1' });
  expect(nodeOf(await statusOf('pxc'), 'node1').healthy).toBe(true);
  await query(socketOf('pxc', 'node1'), 'INSERT INTO d.t (id) VALUES (-1)');
  expect(await start()).toEqual(['node1 runs: the others join.']);
  await expectAllRows([-1], NODES);

  // One is killed.
  const acknowledged: number[] = [];
  const writing = writeAt('node1', 0, acknowledged);
  await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThan(50);
  kill(nodeOf(await statusOf('pxc'), 'node3'));
  await expect.poll(() => isDead('node3')).toBe(true);
  await start();

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
  expect(await providerOptions(socketOf('pxc', 'node1'))).toEqual(options);
  expect(cluster.nodes.map(({ name }) => name)).toEqual(NODES);
});

test('ended one after another under writes, in an order by lot, the last begins and no row is missing', async () => {
  const cluster = await createPxc(['--nodes', '3']);
  await makeTable();
  const all: number[] = [];
  for (let round = 0; round < (THOROUGH ? 5 : 1); round++) {
    const order = shuffled();
    const stopped = await endInTurn(cluster, order, round * 1_000_000, async (node) => {
      await dbns(['stop', 'pxc', node]);
    });
    all.push(...stopped);
    const last = order.at(-1) ?? '';
    expect((await start()).at(-1)).toBe(`${last} begins: it is the furthest.`);
    await expectAllRows(all, NODES);
  }
});

test('a directory with nothing begins no cluster, whatever it calls itself', async () => {
  await createPxc(['--nodes', '2']);
  await makeTable();
  await query(socketOf('pxc', 'node2'), 'INSERT INTO d.t (id) VALUES (1)');
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
  await query(socketOf('pxc', 'node2'), 'INSERT INTO d.t (id) VALUES (2)');
  await dbns(['stop', 'pxc']);
  const left = await dbns(['start', 'pxc', 'node1'], { expectExit: 5 });
  expect(left.stderr).toContain('node2 is the furthest');
});
