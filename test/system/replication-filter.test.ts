import { describe, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { MARIADB, MYSQL, createReplication, hasImages, statusOf } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';

/** What the filter lets through, and what it keeps out. */
const KEPT = 'shop';
const LEFT_OUT = 'office';

keepMachineClean();

const missing = async ({ name }: ClusterView) => (await statusOf(name)).nodes.map(({ status }) => status.missing);
const count = async (cluster: ClusterView, node: string, database: string) => {
  const rows = await query(socketOf(cluster.name, node), `SELECT COUNT(*) AS n FROM ${database}.t`).catch(() => null);
  return rows === null ? null : Number(rows[0]?.n);
};

/** Writes to both databases on a node, as a client. */
async function write(cluster: ClusterView, node: string): Promise<void> {
  const uri = await uriOf(cluster.name, node);
  for (const database of [LEFT_OUT, KEPT]) await query(uri, `INSERT INTO ${database}.t VALUES (NULL)`);
}

/** Databases and tables on a node that takes writes. */
async function lay(cluster: ClusterView, node: string): Promise<void> {
  const uri = await uriOf(cluster.name, node);
  for (const database of [LEFT_OUT, KEPT]) {
    await query(uri, `CREATE DATABASE ${database}`);
    await query(uri, `CREATE TABLE ${database}.t (id INT AUTO_INCREMENT PRIMARY KEY)`);
  }
}

/** Waits until each node has as many rows of the database as are said; null: no such table. */
async function expectRows(cluster: ClusterView, database: string, rows: readonly (number | null)[]): Promise<void> {
  const names = cluster.nodes.map(({ name }) => name);
  await expect.poll(() => Promise.all(names.map((name) => count(cluster, name, database)))).toEqual(rows);
}

async function expectWell(cluster: ClusterView, expected: readonly (number | null)[]): Promise<void> {
  await expect.poll(() => missing(cluster)).toEqual(expected);
  const { nodes } = await statusOf(cluster.name);
  expect(nodes.map(({ healthy, status }) => [healthy, status.errant])).toEqual(nodes.map(() => [true, null]));
}

const filtered = (image: string, shape: string, node: string, ...words: string[]) =>
  createReplication(image, ['--shape', shape, '--filter', `${node}=${KEPT}.%`, ...words]);

describe.each([MYSQL, MARIADB])('on %s, a filter', (image) => {
  const needed = { skip: !hasImages(image) };
  const replica = image === MYSQL ? 'REPLICA' : 'SLAVE';

  test(
    'in the middle of a chain: whoever follows gets what passes, and is not told to lack the rest',
    needed,
    async () => {
      const cluster = await filtered(image, 'chain', 'node2');
      await lay(cluster, 'node1');
      await write(cluster, 'node1');
      await expectRows(cluster, KEPT, [1, 1, 1]);
      await expectRows(cluster, LEFT_OUT, [1, null, null]);
      await expectWell(cluster, [null, 0, 0]);

      await query(socketOf(cluster.name, 'node3'), `STOP ${replica} SQL_THREAD`);
      await write(cluster, 'node1');
      await expectRows(cluster, KEPT, [2, 2, 1]);
      // What is kept out counts until what comes after it is there: MySQL passes it on empty, MariaDB leaves out its number.
      await expect.poll(() => missing(cluster)).toEqual([null, 0, 2]);
      await query(socketOf(cluster.name, 'node3'), `START ${replica} SQL_THREAD`);
      await expectRows(cluster, KEPT, [2, 2, 2]);
      await expectWell(cluster, [null, 0, 0]);

      const { stderr } = await dbns(['promote', cluster.name, 'node3'], { expectExit: 2 });
      expect(stderr).toContain(`node3 gets through node2 ${KEPT}.% alone`);
    },
  );

  test('in a ring: what is kept out ends there, and what is let through goes round', needed, async () => {
    const cluster = await filtered(image, 'ring', 'node2');
    await lay(cluster, 'node1');
    await write(cluster, 'node1');
    await expectRows(cluster, KEPT, [1, 1, 1]);
    await expectRows(cluster, LEFT_OUT, [1, null, null]);
    await write(cluster, 'node1');
    await query(await uriOf(cluster.name, 'node3'), `INSERT INTO ${KEPT}.t VALUES (NULL)`);
    await expectRows(cluster, KEPT, [3, 3, 3]);
    await expectWell(cluster, [0, 0, 0]);
  });
});

describe.skipIf(!hasImages(MARIADB))(`on ${MARIADB}, a filter`, () => {
  test('in a star: the others get all', async () => {
    const cluster = await filtered(MARIADB, 'star', 'node2');
    await lay(cluster, 'node1');
    await write(cluster, 'node1');
    await expectRows(cluster, KEPT, [1, 1, 1]);
    await expectRows(cluster, LEFT_OUT, [1, null, 1]);
    await expectWell(cluster, [null, 0, 0]);
  });

  test('in a fan-in: it is that of the last node, for all its sources', async () => {
    const cluster = await filtered(MARIADB, 'fan-in', 'node3');
    await lay(cluster, 'node1');
    await query(await uriOf(cluster.name, 'node2'), `CREATE DATABASE ${LEFT_OUT}`);
    await expectRows(cluster, KEPT, [0, null, 0]);
    await expectRows(cluster, LEFT_OUT, [0, null, null]);
    await expectWell(cluster, [null, null, 0]);
  });

  // By GTID node3 would lose for good what node2 keeps out, whenever node2 is quicker to pass a transaction on.
  test('among all masters: by position alone, and nobody else loses by it', async () => {
    const cluster = await filtered(MARIADB, 'all-masters', 'node2', '--no-gtid');
    await query(socketOf(cluster.name, 'node3'), "STOP SLAVE 'node1'");
    await lay(cluster, 'node1');
    await write(cluster, 'node1');
    await expect.poll(() => count(cluster, 'node2', KEPT)).toBe(1);
    await query(socketOf(cluster.name, 'node3'), "START SLAVE 'node1'");
    await expectRows(cluster, KEPT, [1, 1, 1]);
    await expectRows(cluster, LEFT_OUT, [1, null, 1]);
    await expect.poll(async () => (await statusOf(cluster.name)).state).toBe('running');
  });
});
