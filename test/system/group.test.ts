import { readFileSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import { MARIADB, MYSQL, createGroup, hasImages, kill, nodeOf, procStatus, statusOf, value } from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, keepMachineClean, query, startDbns, uriOf } from './world/machine.js';
import { MACHINE, SOMEBODY, type Place } from './world/places.js';
import { random, THOROUGH } from './world/sample.js';
import { knockFrom } from './world/traffic.js';

/** Expelled as soon as it is missed, or tests of failures would wait for the default of 5 s more. */
const SOON_EXPELLED = ['-c', 'group_replication_member_expel_timeout=0'];
const needed = { skip: !hasImages(MYSQL) };

keepMachineClean();

const rolesOf = ({ nodes }: ClusterView) => nodes.map(({ role }) => role);
const idsOn = (socket: string) => query(socket, 'SELECT id FROM shop.t ORDER BY id').catch(() => null);

async function shop({ name }: ClusterView): Promise<void> {
  const uri = await uriOf(name);
  await query(uri, 'CREATE DATABASE shop');
  await query(uri, 'CREATE TABLE shop.t (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 0)');
}

/** add-group.test.ts has a clone in every run. */
const rarely = { skip: needed.skip || !THOROUGH };

describe('a group', () => {
  test('is whole: what its primary takes every member has; its timeouts are the server’s own', needed, async () => {
    const cluster = await createGroup();
    expect(cluster).toMatchObject({ name: 'group', topology: 'group', state: 'running' });
    expect(rolesOf(cluster)).toEqual(['primary', 'secondary', 'secondary']);
    for (const { status } of cluster.nodes) {
      expect(status).toMatchObject({ state: 'ONLINE', online: 3, quorum: true, error: null });
    }
    // The last member tells its statistics a second after it joined.
    const statuses = async () => (await statusOf('group')).nodes.map(({ status }) => status);
    await expect.poll(async () => (await statuses()).map(({ conflicts }) => conflicts)).toEqual([0, 0, 0]);
    expect(new Set((await statuses()).map(({ viewId }) => viewId)).size).toBe(1);
    await shop(cluster);
    await query(await uriOf('group'), 'INSERT INTO shop.t (id) VALUES (1)');
    for (const { socket, name } of cluster.nodes) {
      await expect.poll(() => idsOn(socket)).toEqual([{ id: 1 }]);
      expect(await value(socket, 'SELECT @@super_read_only')).toBe(name === 'node1' ? 0 : 1);
      const settings = `SELECT @@group_replication_bootstrap_group AS bootstrap, @@group_replication_start_on_boot AS boot,
        @@group_replication_member_expel_timeout AS expel, @@group_replication_unreachable_majority_timeout AS majority,
        @@group_replication_autorejoin_tries AS tries, @@group_replication_communication_stack AS stack,
        @@group_replication_flow_control_period AS flow, @@group_replication_components_stop_timeout AS stop`;
      expect(await query(socket, settings)).toEqual([
        { bootstrap: 0, boot: 1, expel: 5, majority: 0, tries: 3, stack: 'XCOM', flow: 1, stop: 300 },
      ]);
    }
    // Whoever gets to where members talk is asked for no password: only nodes and root do.
    const knock = (from: Place) => knockFrom(from, nodeOf(cluster, 'node2').address, 33061);
    expect([await knock(SOMEBODY), await knock(MACHINE)]).toEqual(['ECONNREFUSED', 'open']);
    // The accounts of each member were made on itself: nothing but what users wrote has a GTID.
    expect(String(await value(nodeOf(cluster, 'node3').socket, 'SELECT @@gtid_executed'))).toMatch(
      /^64626e73-\S+:1-3$/,
    );
    const { password } = new URL(await uriOf('group'));
    const directory = '/var/lib/dbns/clusters/group';
    const { stdout } = await run(['grep', '-rl', '--exclude-dir=data', password, directory], { expectExit: 'any' });
    expect(stdout.trim()).toBe(`${directory}/password`);
  });

  test(
    'by the MySQL communication stack, with many primaries: all write, and a conflict is shown',
    needed,
    async () => {
      const cluster = await createGroup(['--communication-stack', 'mysql', '--multi-primary']);
      expect(rolesOf(cluster)).toEqual(['primary', 'primary', 'primary']);
      await shop(cluster);
      const uris = await Promise.all(cluster.nodes.map(({ name }) => uriOf('group', name)));
      for (const { socket } of cluster.nodes) await expect.poll(() => idsOn(socket)).toEqual([]);
      for (const [id, uri] of uris.entries()) await query(uri, `INSERT INTO shop.t (id) VALUES (${id})`);
      for (const { socket } of cluster.nodes) {
        await expect.poll(() => idsOn(socket)).toEqual([{ id: 0 }, { id: 1 }, { id: 2 }]);
        expect(await value(socket, 'SELECT @@group_replication_communication_stack')).toBe('MYSQL');
      }
      // The same row on all members at the same time, until one is turned down.
      const connections = await Promise.all(uris.map((uri) => mysql.createConnection({ uri })));
      const conflicts = async () => Number((await statusOf('group')).nodes[0]?.status.conflicts);
      for (let round = 0; round < 50 && (await conflicts()) === 0; round++) {
        const updates = connections.map((connection) => connection.query('UPDATE shop.t SET n = n + 1 WHERE id = 0'));
        await Promise.allSettled(updates);
      }
      for (const connection of connections) await connection.end();
      expect(await conflicts()).toBeGreaterThan(0);
      expect((await dbns(['promote', 'group', 'node2'], { expectExit: 2 })).stderr).toContain('multi-primary');
    },
  );

  test(
    'makes a member its primary, elects one when that is killed, and says when it has no quorum',
    needed,
    async () => {
      const cluster = await createGroup();
      await shop(cluster);
      await dbns(['promote', 'group', 'node2']);
      expect(rolesOf(await statusOf('group'))).toEqual(['secondary', 'primary', 'secondary']);
      await query(await uriOf('group', 'node2'), 'INSERT INTO shop.t (id) VALUES (1)');
      expect((await dbns(['promote', 'group', 'node1', '--force'], { expectExit: 2 })).stderr).toContain('elects');

      kill(nodeOf(cluster, 'node2'));
      const survivors = async () => (await statusOf('group')).nodes.filter(({ status }) => status.online === 2);
      await expect.poll(async () => (await survivors()).length).toBe(2);
      await expect
        .poll(async () => (await statusOf('group')).nodes.map(({ role, roleKnown }) => `${role} ${roleKnown}`).sort())
        .toEqual(['primary false', 'primary true', 'secondary true']);
      const elected = await statusOf('group');
      expect(elected.state).toBe('degraded');
      expect(nodeOf(elected, 'node2')).toMatchObject({ process: 'dead', role: 'primary', roleKnown: false });
      expect(elected.nodes[0]?.status).toMatchObject({ state: 'ONLINE', online: 2, quorum: true });
      await dbns(['status', 'group', '--check'], { expectExit: 7 });
      await query(await uriOf('group'), 'INSERT INTO shop.t (id) VALUES (2)');

      await dbns(['start', 'group']);
      await dbns(['status', 'group', '--check']);
      await expect.poll(() => idsOn(nodeOf(cluster, 'node2').socket)).toEqual([{ id: 1 }, { id: 2 }]);

      const whole = await statusOf('group');
      for (const name of ['node1', 'node2']) kill(nodeOf(whole, name));
      await expect.poll(async () => nodeOf(await statusOf('group'), 'node3').status.quorum).toBe(false);
      const { stdout } = await dbns(['status', 'group', '--check'], { expectExit: 7 });
      expect(stdout).toContain('node3: error: no quorum: it reaches 1 of 3 members');
      expect((await dbns(['promote', 'group', 'node3'], { expectExit: 5 })).stderr).toContain('no quorum');
    },
  );

  test('lets a member in again that lacks what the others have purged: by a clone, and a restart', rarely, async () => {
    const cluster = await createGroup(SOON_EXPELLED);
    await shop(cluster);
    kill(nodeOf(cluster, 'node3'));
    await expect.poll(async () => nodeOf(await statusOf('group'), 'node1').status.online).toBe(2);
    await query(await uriOf('group', 'node1'), 'INSERT INTO shop.t (id) VALUES (7)');
    for (const name of ['node1', 'node2']) {
      const { socket } = nodeOf(cluster, name);
      await expect.poll(() => idsOn(socket)).toEqual([{ id: 7 }]);
      await query(socket, 'FLUSH BINARY LOGS');
      await query(socket, 'PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 MINUTE');
    }
    await dbns(['start', 'group']);
    await dbns(['status', 'group', '--check']);
    const { socket, pid, log } = nodeOf(await statusOf('group'), 'node3');
    expect(await idsOn(socket)).toEqual([{ id: 7 }]);
    expect(await value(socket, 'SELECT STATE FROM performance_schema.clone_status')).toBe('Completed');
    expect(readFileSync(log, 'utf8')).toMatch(/Distributed recovery will transfer data using: Cloning/);
    expect(procStatus(pid, 'NSpid').split(/\s+/)).toEqual([String(pid), '2']);
    await query(socket, 'RESTART').catch(() => undefined);
    await expect.poll(async () => nodeOf(await statusOf('group'), 'node3').pid ?? pid).not.toBe(pid);
    await expect.poll(async () => (await statusOf('group')).state).toBe('running');
  });
});

describe('group create', () => {
  test('refuses MariaDB in one sentence, and names pxc', { skip: !hasImages(MARIADB) }, async () => {
    const { stderr } = await dbns(['group', 'create', '--image', MARIADB], { expectExit: 2 });
    expect(stderr).toMatch(/mariadb \S+ has no Group Replication: 'dbns pxc create'/);
  });

  test('gives the servers the user’s own options, memory and durability', needed, async () => {
    const words = [
      '-c',
      'group_replication_consistency=AFTER',
      '-c',
      'wait-timeout=1234',
      '--memory',
      '512M',
      '--durable',
    ];
    const { nodes } = await createGroup(['--nodes', '1', ...words]);
    const asked = `SELECT @@group_replication_consistency AS consistency, @@GLOBAL.wait_timeout AS timeout,
      @@innodb_flush_log_at_trx_commit AS redo, @@innodb_buffer_pool_size > 100000000 AS large`;
    expect(await query(nodes[0]?.socket ?? '', asked)).toEqual([
      { consistency: 'AFTER', timeout: 1234, redo: 1, large: 1 },
    ]);
  });

  test('killed at any moment leaves nothing that destroy does not remove', needed, async () => {
    for (let round = 0; round < 3; round++) {
      const { child, result } = startDbns(['group', 'create', 'cut', '--image', MYSQL], { expectExit: 'any' });
      await new Promise((resolve) => setTimeout(resolve, 300 + random() * 4000));
      child.kill('SIGKILL');
      await result;
      await dbns(['destroy', 'cut'], { expectExit: 'any' });
    }
    expect((await dbns(['list', '--json'])).json).toEqual({ clusters: [] });
  });
});
