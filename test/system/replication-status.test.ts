import { describe, expect, test } from 'vitest';
import type { ClusterView, NodeView } from '../../src/lifecycle/view.js';
import { MARIADB, MYSQL, createReplication, hasImages, statusOf, value } from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';

keepMachineClean();

/** What is said of node2 by the time that it is not well, and that --check and the text say so too. */
async function unwell(cluster: ClusterView): Promise<NodeView['status']> {
  const node2 = async () => (await statusOf(cluster.name)).nodes[1];
  await expect.poll(async () => (await node2())?.healthy).toBe(false);
  const { stderr } = await dbns(['status', '--check'], { expectExit: 7 });
  expect(stderr).toContain(`${cluster.name} is degraded`);
  return (await node2())?.status ?? {};
}

describe.each([MYSQL, MARIADB])('on %s, status shows', (image) => {
  const needed = { skip: !hasImages(image) };
  const isMysql = image === MYSQL;
  const replica = (verb: string) => `${verb} ${isMysql ? 'REPLICA' : 'SLAVE'}`;
  const writable = isMysql ? 'SET GLOBAL super_read_only = OFF' : 'SET GLOBAL read_only = OFF';

  test('an errant transaction', needed, async () => {
    const cluster = await createReplication(image, ['--nodes', '2']);
    const socket = socketOf(cluster.name, 'node2');
    await query(socket, writable);
    await query(socket, 'CREATE DATABASE astray');
    const { errant, receiver, applier, missing } = await unwell(cluster);
    expect({ receiver, applier, missing }).toEqual({ receiver: 'Yes', applier: 'Yes', missing: 0 });
    const own = isMysql ? `${String(await value(socket, 'SELECT @@server_uuid'))}:1` : '0-2-2';
    expect(errant).toBe(own);
    const { stdout } = await dbns(['status']);
    expect(stdout).toContain(`node2: errant transactions, which its source never had: ${own}`);
  });

  test('an applier that stopped at a duplicate key', needed, async () => {
    const cluster = await createReplication(image, [
      '--nodes',
      '2',
      ...(isMysql ? [] : ['-c', 'gtid_strict_mode=OFF']),
    ]);
    const [uri, socket] = [await uriOf(cluster.name), socketOf(cluster.name, 'node2')];
    await query(uri, 'CREATE DATABASE shop');
    await query(uri, 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
    await expect.poll(() => query(socket, 'SELECT * FROM shop.t').catch(() => null)).toEqual([]);
    await query(socket, writable);
    await query(socket, 'INSERT INTO shop.t VALUES (1)');
    await query(uri, 'INSERT INTO shop.t VALUES (1)');
    const status = await unwell(cluster);
    await expect.poll(async () => (await statusOf(cluster.name)).nodes[1]?.status.applier).toBe('No');
    expect(status.receiver).toBe('Yes');
    expect((await statusOf(cluster.name)).nodes[1]?.status.error).toMatch(/^1062 .*Duplicate entry '1' for key/);
  });

  test('a broken password', needed, async () => {
    const cluster = await createReplication(image, ['--nodes', '2']);
    const socket = socketOf(cluster.name, 'node1');
    const [{ Host: host } = {}] = await query(socket, "SELECT Host FROM mysql.user WHERE User = 'repl'");
    await query(socket, 'SET sql_log_bin = 0');
    await query(socket, `ALTER USER 'repl'@'${String(host)}' IDENTIFIED BY 'another'`);
    await query(socketOf(cluster.name, 'node2'), replica('STOP'));
    await query(socketOf(cluster.name, 'node2'), replica('START'));
    await expect.poll(async () => (await unwell(cluster)).error).toMatch(/^1045 .*Access denied/);
    expect((await unwell(cluster)).receiver).toMatch(/Connecting|No/);
  });

  test('a purged binary log', needed, async () => {
    const cluster = await createReplication(image, ['--nodes', '2']);
    const [socket, other] = [socketOf(cluster.name, 'node1'), socketOf(cluster.name, 'node2')];
    await query(other, replica('STOP'));
    await query(socket, 'CREATE DATABASE shop');
    await query(socket, 'FLUSH BINARY LOGS');
    await query(socket, 'FLUSH BINARY LOGS');
    const last = isMysql ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS';
    const [{ File: file } = {}] = await query(socket, last);
    await expect
      .poll(async () => {
        await query(socket, `PURGE BINARY LOGS TO '${String(file)}'`);
        return (await query(socket, 'SHOW BINARY LOGS')).length;
      })
      .toBe(1);
    await query(other, replica('START'));
    await expect.poll(async () => (await unwell(cluster)).error).toMatch(/^(13114|1236) /);
    expect((await unwell(cluster)).receiver).toBe('No');
  });
});
