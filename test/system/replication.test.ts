import { describe, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { MARIADB, MARIADB_NEXT, MYSQL, createReplication, hasImages, statusOf, value } from './world/cluster.js';
import { dbns, keepMachineClean, query, uriOf } from './world/machine.js';
import { sample } from './world/sample.js';

const SHAPES = ['star', 'chain', 'ring', 'fan-in', 'all-masters'] as const;
const CELLS = [MYSQL, MARIADB, MARIADB_NEXT].flatMap((image) =>
  SHAPES.flatMap((shape) => [
    [image, shape, 'gtid'] as const,
    ...(shape === 'ring' || shape === 'star' ? [[image, shape, 'no-gtid'] as const] : []),
  ]),
);

keepMachineClean();

const uris = ({ name, nodes }: ClusterView) => Promise.all(nodes.map((node) => uriOf(name, node.name)));

/** Which nodes have each row, by the servers themselves. */
async function rowsEverywhere(cluster: ClusterView): Promise<unknown[][]> {
  const rows = await Promise.all((await uris(cluster)).map((uri) => query(uri, 'SELECT id FROM shop.t ORDER BY id')));
  return rows.map((own) => own.map(({ id }) => id));
}

describe.each(sample(CELLS, 10))('%s, %s by %s', (image, shape, gtid) => {
  test.skipIf(!hasImages(image))(
    `what a primary takes, all have that are to have it (needs the image ${image})`,
    async () => {
      const cluster = await createReplication(image, ['--shape', shape, `--${gtid}`]);
      expect(cluster.state).toBe('running');
      const all = await uris(cluster);
      const primaries = cluster.nodes.flatMap(({ role }, index) => (role === 'primary' ? [index] : []));
      expect(primaries).toEqual(
        { star: [0], chain: [0], ring: [0, 1, 2], 'fan-in': [0, 1], 'all-masters': [0, 1, 2] }[shape],
      );
      const [first = 0] = primaries;
      // A replica of two primaries gets what both say about the database, in either order.
      await query(all[first] ?? '', 'CREATE DATABASE IF NOT EXISTS shop');
      if (shape === 'fan-in') {
        await query(all[1] ?? '', 'CREATE DATABASE IF NOT EXISTS shop');
        await query(all[1] ?? '', 'CREATE TABLE IF NOT EXISTS shop.t (id INT PRIMARY KEY)');
      }
      await query(all[first] ?? '', 'CREATE TABLE IF NOT EXISTS shop.t (id INT PRIMARY KEY)');
      for (const primary of primaries) {
        await expect
          .poll(() => query(all[primary] ?? '', "SHOW TABLES FROM shop LIKE 't'").catch(() => []))
          .toHaveLength(1);
        await query(all[primary] ?? '', `INSERT INTO shop.t VALUES (${primary})`);
      }
      const expected = cluster.nodes.map((_, index) => (shape === 'fan-in' && index < 2 ? [index] : primaries));
      await expect.poll(() => rowsEverywhere(cluster)).toEqual(expected);
      for (const [index, uri] of all.entries()) {
        const isReplica = !primaries.includes(index);
        expect(await value(uri, 'SELECT @@GLOBAL.read_only')).toBe(isReplica ? 1 : 0);
        if (isReplica) await expect(query(uri, 'INSERT INTO shop.t VALUES (99)')).rejects.toThrow(/read.only/);
      }
      expect(new Set(await Promise.all(all.map((uri) => value(uri, 'SELECT @@server_id')))).size).toBe(3);
      expect(await value(all[1] ?? '', 'SELECT @@report_host')).toBe(cluster.nodes[1]?.address);
      if (image === MYSQL) {
        expect(new Set(await Promise.all(all.map((uri) => value(uri, 'SELECT @@server_uuid')))).size).toBe(3);
        expect(await value(all[0] ?? '', 'SELECT @@gtid_mode')).toBe(gtid === 'gtid' ? 'ON' : 'OFF');
      }
      const { state, nodes } = await statusOf(cluster.name);
      expect(nodes.map(({ status }) => status.error)).toEqual([null, null, null]);
      expect(state).toBe('running');
      await dbns(['status', '--check']);
    },
  );
});
