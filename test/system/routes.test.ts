import { writeFileSync } from 'node:fs';
import path from 'node:path';
import mariadb from 'mariadb';
import { expect, test } from 'vitest';
import type { NodeView } from '../../src/lifecycle/view.js';
import {
  MARIADB,
  MYSQL,
  createGroup,
  createPxc,
  createReplication,
  hasImages,
  kill,
  nodeOf,
  statusOf,
  value,
} from './world/cluster.js';
import { ofImage } from './world/image-client.js';
import { dbns, keepMachineClean, query } from './world/machine.js';

const HARD_PASSWORD = `it's "a" @ b%20:c/d?e#f=h;i\\j`;

keepMachineClean();

const ask = (words: readonly string[], expectExit: number | 'any' = 0) => dbns(['uri', ...words], { expectExit });
const uri = async (...words: string[]) => (await ask(words)).stdout.trim();

/** Kills servers, and waits until their processes are gone. */
async function killed(cluster: string, ...nodes: NodeView[]): Promise<void> {
  nodes.forEach(kill);
  const isDead = async () => {
    const seen = await statusOf(cluster);
    return nodes.every(({ name }) => nodeOf(seen, name).process === 'dead');
  };
  await expect.poll(isDead).toBe(true);
}

/** A file where the world's snapshots don't look. */
function fileOf(name: string, text: string): string {
  const file = path.join(process.env.HOME ?? '', name);
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

/** The image's own client, with a file of options and nothing else. */
const imagesClient = (image: string, program: string, file: string, sql: string) =>
  ofImage(image, [program, '--defaults-file=/tmp/my.cnf', '--batch', '--skip-column-names', '-e', sql], {
    [file]: '/tmp/my.cnf',
  });

test('a pxc cluster: whoever lives is handed out, the dead are named, and none is an error', async () => {
  const { nodes } = await createPxc(['--nodes', '3']);
  const hosts = nodes.map(({ address }) => `${address}:3306`);
  expect(await ask(['pxc', '--format', 'hosts'])).toMatchObject({ stdout: `${hosts.join('\n')}\n`, stderr: '' });
  expect((await ask(['pxc', '--json'])).json).toMatchObject({ hosts });
  expect(await uri('pxc', '--role', 'replica')).toContain('@10.200.0.2:');
  await killed('pxc', ...nodes.slice(0, 1));
  const found = await ask(['pxc']);
  expect(found.stdout).toContain('@10.200.0.3:');
  expect(found.stderr).toMatch(/node1 is dead, and passed over/);
  const client = await dbns(['client', 'pxc', '--', '-N', '-e', 'SELECT @@hostname']);
  expect(client.stdout).toBe('node2\n');
  expect(client.stderr).toMatch(/node1 is dead/);
  expect((await ask(['pxc', '--format', 'hosts'])).stdout).toBe('10.200.0.3:3306\n10.200.0.4:3306\n');
  expect(await uri('pxc', 'node1')).toContain('@10.200.0.2:'); // it was named
  expect((await statusOf('pxc')).nodes[0]).toMatchObject({ role: 'member', roleKnown: false });
  await killed('pxc', ...nodes.slice(1));
  const { json } = await ask(['pxc', '--json'], 6);
  expect(json).toMatchObject({
    error: {
      code: 'DBNS_NOT_READY',
      message: "No node of 'pxc' takes writes now: node1 is dead, node2 is dead, node3 is dead.",
    },
  });
  expect((await dbns(['client', 'pxc'], { expectExit: 6 })).stderr).toContain('node1 is dead, node2 is dead');
});

test.skipIf(!hasImages(MARIADB))('what uri prints is taken as it is by mysql2, mariadb and the client', async () => {
  const cluster = await createReplication(MARIADB, [
    ...['--nodes', '1', '--password-file', fileOf('password', HARD_PASSWORD)],
  ]);
  const database = 'my shop/é';
  await query(nodeOf(cluster, 'node1').socket, `CREATE DATABASE \`${database}\``);
  const words = [cluster.name, '--database', database];
  expect(await value(await uri(cluster.name), 'SELECT CURRENT_USER()')).toBe('dbns@%');
  expect(await value(await uri(...words), 'SELECT DATABASE()')).toBe(database);
  const connection = await mariadb.createConnection(await uri(...words));
  const rows = await connection.query<readonly unknown[]>('SELECT CURRENT_USER() AS who, DATABASE() AS at');
  await connection.end();
  expect(rows[0]).toEqual({ who: 'dbns@%', at: database });
  const file = fileOf('my.cnf', await uri(...words, '--format', 'mycnf'));
  const { stdout } = await imagesClient(MARIADB, '/usr/bin/mariadb', file, 'SELECT CURRENT_USER(), DATABASE()');
  expect(stdout).toBe(`dbns@%\t${database}\n`);
  expect(await uri(...words, '--format', 'dsn')).toBe(`dbns:${HARD_PASSWORD}@tcp(10.200.0.2:3306)/my%20shop%2F%C3%A9`);
  expect(await uri(...words, '--format', 'env')).toContain(`export DBNS_DATABASE='${database}'`);
  expect((await ask([cluster.name, '--database', 'a\nb'], 2)).stderr).toContain('no control character');
  expect((await ask([cluster.name, 'node1', '--role', 'any'], 2)).stderr).toContain('name a node, or its role');
});

test.skipIf(!hasImages(MARIADB))('a star: by role, and by what the servers are after a failover by hand', async () => {
  const cluster = await createReplication(MARIADB, ['--nodes', '2']);
  const { name } = cluster;
  const [first, second] = [nodeOf(cluster, 'node1'), nodeOf(cluster, 'node2')];
  expect(await uri(name)).toContain(`@${first.address}:`);
  expect(await uri(name, '--role', 'replica')).toContain(`@${second.address}:`);
  expect((await dbns(['client', name, '--role', 'replica', '--', '-N', '-e', 'SELECT @@hostname'])).stdout).toBe(
    'node2\n',
  );
  await killed(name, first);
  const { stderr } = await ask([name], 6);
  expect(stderr).toContain(`No node of '${name}' takes writes now: node1 is dead, node2 is a replica.`);
  expect(await uri(name, '--role', 'any')).toContain(`@${second.address}:`);
  await query(second.socket, 'STOP ALL SLAVES');
  await query(second.socket, 'RESET SLAVE ALL');
  await query(second.socket, 'SET GLOBAL read_only = OFF');
  const found = await ask([name]);
  expect(found.stdout).toContain(`@${second.address}:`);
  expect(found.stderr).toContain('node1 is dead, and passed over');
  expect((await ask([name, '--role', 'replica'], 6)).stderr).toContain('node2 is a primary');
});

test.skipIf(!hasImages(MYSQL))('a group: the primary is whom the group elected, not whom create knew', async () => {
  const cluster = await createGroup(['--nodes', '2']);
  const second = nodeOf(cluster, 'node2');
  expect(await uri('group', '--role', 'replica')).toContain(`@${second.address}:`);
  expect(new URL(await uri('group')).protocol).toBe('mysql:');
  const file = fileOf('my.cnf', await uri('group', '--format', 'mycnf'));
  expect((await imagesClient(MYSQL, '/usr/bin/mysql', file, 'SELECT @@hostname')).stdout).toBe('node1\n');
  await query(second.socket, 'SELECT group_replication_set_as_primary(@@server_uuid)');
  expect(await uri('group')).toContain(`@${second.address}:`);
  expect((await dbns(['client', 'group', '--', '-N', '-e', 'SELECT @@hostname'])).stdout).toBe('node2\n');
  await expect
    .poll(async () => (await statusOf('group')).nodes.map(({ role }) => role))
    .toEqual([...['secondary', 'primary']]);
  // Its last role is the one that the group had given it.
  await killed('group', second);
  expect((await statusOf('group')).nodes[1]).toMatchObject({ role: 'primary', roleKnown: false });
  expect((await dbns(['status'])).stdout).toMatch(/^node2 +\S+ +\(primary\) +dead/m);
  await expect
    .poll(async () => (await dbns(['uri', 'group'], { expectExit: 'any' })).stderr)
    .toContain("No node of 'group' takes writes now: node2 is dead, node1 is without a quorum.");
});
