import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import {
  askAt,
  createPxc,
  isOfTheMachine,
  nodeOf,
  procStatus,
  providerOptions,
  statusOf,
  value,
  wsrep,
} from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, keepMachineClean, query, snapshot, socketOf, uriOf } from './world/machine.js';
import { nodePlace } from './world/places.js';

const SCHEMA = path.resolve(import.meta.dirname, '../../schema/cluster.schema.json');
const SERVER_UID = '73306';
const MIB = 1024 * 1024;

keepMachineClean();

/** Ports on which something listens in a network, as /proc shows them: `0.0.0.0:3306`. */
async function listening(place: readonly string[] = []): Promise<string[]> {
  const { stdout } = await run([...place, 'cat', '/proc/net/tcp', '/proc/net/tcp6']);
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  return rows.filter((row) => row[3] === '0A').map((row) => String(Number.parseInt(row[1]?.split(':')[1] ?? '', 16)));
}

describe('a cluster of four', () => {
  test('is one: what any node takes, every node has, whichever way it is asked', async () => {
    const { nodes } = await createPxc(['--nodes', '4']);
    expect(nodes.map(({ address }) => address)).toEqual(['10.200.0.2', '10.200.0.3', '10.200.0.4', '10.200.0.5']);
    const uris = await Promise.all(nodes.map(({ name }) => uriOf('pxc', name)));
    await query(uris[0] ?? '', 'CREATE DATABASE shop');
    await query(uris[0] ?? '', 'CREATE TABLE shop.t (id INT PRIMARY KEY, writer INT UNSIGNED NOT NULL)');
    for (const [id, uri] of uris.entries()) {
      await expect.poll(() => query(uri, 'SHOW TABLES FROM shop')).toHaveLength(1);
      await query(uri, `INSERT INTO shop.t VALUES (${id}, @@server_id)`);
    }
    const rows = nodes.map((_, id) => ({ id, writer: id + 1 }));
    const all = 'SELECT id, writer FROM shop.t ORDER BY id';
    for (const [index, { name, socket }] of nodes.entries()) {
      const uri = uris[index] ?? '';
      const other = nodes[(index + 1) % nodes.length]?.name ?? '';
      await expect.poll(() => query(uri, all)).toEqual(rows); // applying takes a moment
      expect(await query(socket, all)).toEqual(rows);
      expect(await askAt(nodePlace('pxc', other), uri, all)).toEqual(rows);
      expect(await askAt(nodePlace('pxc', name), uri, all)).toEqual(rows);
      expect(await askAt(nodePlace('pxc', name), uri.replace(/@[\d.]+:/, '@127.0.0.1:'), all)).toEqual(rows);
      expect(await value(uri, 'SELECT @@server_id')).toBe(index + 1);
    }
  });

  test('is Synced and whole, by a view that needed no state transfer, with the timeouts of Galera', async () => {
    const { nodes } = await createPxc(['--nodes', '4']);
    // It was asked for its options once, to put back what it formed with.
    const asked = await query(socketOf('pxc', 'node2'), "SHOW GLOBAL STATUS LIKE 'Com_show_variables'");
    expect(asked.map(({ Value }) => Number(Value))).toEqual([1]);
    const said = await Promise.all(nodes.map(({ socket }) => wsrep(socket)));
    for (const status of said)
      expect(status).toMatchObject({
        local_state_comment: 'Synced',
        cluster_size: '4',
        cluster_status: 'Primary',
        ready: 'ON',
      });
    expect(new Set(said.map(({ local_state_uuid: uuid }) => uuid)).size).toBe(1);
    expect(said[0]?.local_state_uuid).toMatch(/^(?!00000000)[0-9a-f]{8}-/);
    expect(new Set(said.map(({ last_committed: position }) => position)).size).toBe(1);
    expect(new Set(said.map(({ gcomm_uuid: uuid }) => uuid)).size).toBe(4);
    for (const { log, socket } of nodes) {
      expect(readFileSync(log, 'utf8')).not.toMatch(/requested state transfer|Running: 'wsrep_sst|Receiving IST/);
      expect(await providerOptions(socket)).toMatchObject({
        'evs.join_retrans_period': '1',
        'evs.keepalive_period': '1',
        'evs.causal_keepalive_period': '1', // at its start Galera takes it from keepalive_period
        'evs.suspect_timeout': '5',
        'evs.inactive_timeout': '15',
        'pc.recovery': 'true',
      });
    }
  });

  test("keeps the user's own Galera options, and gives the server the user's own options", async () => {
    const options = [
      '-c',
      'wsrep_provider_options=evs.keepalive_period=PT1.5S;gcs.fc_limit=77',
      '-c',
      'wait-timeout=1234',
    ];
    const { nodes } = await createPxc(['--nodes', '2', ...options]);
    for (const { socket } of nodes) {
      expect(await providerOptions(socket)).toMatchObject({
        'evs.keepalive_period': '1.5',
        'evs.causal_keepalive_period': '1.5',
        'evs.join_retrans_period': '1',
        'gcs.fc_limit': '77',
      });
      expect(await value(socket, 'SELECT @@GLOBAL.wait_timeout')).toBe(1234);
    }
  });

  test('falls back to bootstrap and join, and says so, when its recorded view does not stand', async () => {
    const words = ['pxc', 'create', '--nodes', '8', '-c', 'wsrep_provider_options=pc.recovery=false', '--json'];
    const { stderr } = await dbns(words);
    expect(stderr).toMatch(/did not form by the recorded view .*; now by bootstrap and join/);
    for (const name of ['node1', 'node2', 'node8']) {
      const { local_state_comment: state, cluster_size: size } = await wsrep(socketOf('pxc', name));
      expect({ state, size }).toEqual({ state: 'Synced', size: '8' });
      expect(await value(await uriOf('pxc', name), 'SELECT 1')).toBe(1);
    }
  });
});

describe('sizes', () => {
  test('one node is a cluster too', async () => {
    await createPxc(['--nodes', '1']);
    expect(await wsrep(socketOf('pxc', 'node1'))).toMatchObject({ local_state_comment: 'Synced', cluster_size: '1' });
    expect(await value(await uriOf('pxc'), 'SELECT 1')).toBe(1);
  });

  test('sixteen nodes form and answer, each within 110 MB', async () => {
    const { nodes } = await createPxc(['--nodes', '16']);
    expect(nodes).toHaveLength(16);
    const said = await Promise.all(nodes.map(({ socket }) => wsrep(socket)));
    expect(new Set(said.map((status) => `${status.local_state_comment ?? ''} ${status.cluster_size ?? ''}`))).toEqual(
      new Set(['Synced 16']),
    );
    for (const { pid } of nodes) expect(Number.parseInt(procStatus(pid, 'VmRSS'), 10) / 1024).toBeLessThanOrEqual(110);
    const [first, last] = [await uriOf('pxc', 'node1'), await uriOf('pxc', 'node16')];
    await query(first, 'CREATE DATABASE far');
    await expect.poll(() => query(last, "SHOW DATABASES LIKE 'far'")).toHaveLength(1);
  });

  test('--memory is what a node keeps to when it works, with a larger buffer pool', async () => {
    const { nodes } = await createPxc(['--nodes', '1', '--memory', '256M']);
    const { socket, pid } = nodes[0] ?? { socket: '', pid: null };
    expect(Number(await value(socket, 'SELECT @@innodb_buffer_pool_size'))).toBeGreaterThan(100 * MIB);
    const uri = `${await uriOf('pxc')}mysql`; // the engine behind seq_… wants a database
    await query(socket, 'CREATE DATABASE big');
    await query(socket, 'CREATE TABLE big.t (id INT PRIMARY KEY, filling CHAR(250) NOT NULL) CHARACTER SET latin1');
    for (let part = 0; part < 300; part++)
      await query(uri, `INSERT INTO big.t SELECT seq + ${part * 2000}, REPEAT('x', 250) FROM seq_1_to_2000`);
    expect(await value(socket, "SELECT COUNT(*) FROM big.t WHERE filling > 'a'")).toBe(600_000);
    const resident = Number.parseInt(procStatus(pid, 'VmRSS'), 10) / 1024;
    expect(resident).toBeGreaterThan(110); // it is used
    expect(resident).toBeLessThanOrEqual(256);
  });

  test('--durable flushes at every commit; without it a killed server loses nothing all the same', async () => {
    const asked =
      'SELECT @@innodb_flush_log_at_trx_commit AS redo, @@sync_binlog AS binlog, @@innodb_doublewrite AS dw';
    await createPxc(['--nodes', '1', '--durable']);
    expect(await query(socketOf('pxc', 'node1'), asked)).toEqual([
      { redo: 1, binlog: 1, dw: expect.anything() as unknown },
    ]);
    await createPxc(['--nodes', '1']);
    expect(await query(socketOf('pxc2', 'node1'), asked)).toEqual([
      { redo: 2, binlog: 0, dw: expect.anything() as unknown },
    ]);
    for (const name of ['pxc', 'pxc2'])
      expect(String(await value(socketOf(name, 'node1'), 'SELECT @@innodb_doublewrite'))).toMatch(/^(1|ON)$/);
  });
});

describe('create', () => {
  test('prints the cluster as JSON, alone on stdout, and names it pxc, then pxc2', async () => {
    const first = await createPxc(['--nodes', '1']);
    const second = await createPxc(['--nodes', '1']);
    expect([first.name, second.name]).toEqual(['pxc', 'pxc2']);
    expect(first.networks[0]?.subnet).not.toBe(second.networks[0]?.subnet);
    expect(first).toMatchObject({ topology: 'pxc', state: 'running', nodes: [{ name: 'node1', healthy: true }] });
    const { json } = await dbns(['list', '--json']);
    const listed = (json as { clusters: unknown[] }).clusters;
    expect(listed).toMatchObject([{ name: 'pxc' }, { name: 'pxc2' }]);
    if (existsSync(SCHEMA)) {
      const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
        JSON.parse(readFileSync(SCHEMA, 'utf8')) as object,
      );
      for (const document of [first, second, await statusOf('pxc'), ...listed])
        expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    }
  });

  test('names an option that the server does not know, exits 2 and leaves nothing', async () => {
    const before = (await snapshot()).replace(/# caches[^]*/, '');
    const words = ['pxc', 'create', '-c', 'no_such_thing=1'];
    const { stderr } = await dbns(words, { expectExit: 2 });
    expect(stderr).toContain("'no_such_thing");
    const { json } = await dbns([...words, '--json'], { expectExit: 2 });
    expect(json).toMatchObject({
      error: { code: 'DBNS_USAGE', message: expect.stringContaining('no_such_thing') as string },
    });
    expect((await snapshot()).replace(/# caches[^]*/, '')).toBe(before);
  });
});

describe('accounts', () => {
  test('are root by socket, the server’s own, and dbns; nobody else gets in', async () => {
    const { nodes } = await createPxc(['--nodes', '2']);
    const accounts = "SELECT CONCAT(user, '@', host) AS account FROM mysql.user ORDER BY account";
    for (const { socket } of nodes) {
      const all = (await query(socket, accounts)).map(({ account }) => String(account));
      // Of the server itself: `mariadb.sys`, in MySQL's family `mysql.…`.
      expect(all.filter((account) => !/^(mariadb|mysql)\..*@localhost$/.test(account))).toEqual([
        'dbns@%',
        'root@localhost',
      ]);
    }
    const uri = await uriOf('pxc', 'node2');
    const password = new URL(uri).password;
    const refused = /Access denied|not allowed to connect/;
    for (const other of [
      uri.replace(password, 'wrong'),
      uri.replace(`:${password}@`, '@'),
      uri.replace('dbns:', 'root:'),
      uri.replace(/dbns:.*@/, 'root@'),
      uri.replace(/dbns:.*@/, '@'),
    ]) {
      await expect(query(other, 'SELECT 1')).rejects.toThrow(refused);
      const there = other.replace(/@[\d.]+:/, '@127.0.0.1:');
      await expect(askAt(nodePlace('pxc', 'node2'), there, 'SELECT 1')).rejects.toThrow(refused);
    }
    await query(uri, "CREATE USER 'application'@'%' IDENTIFIED BY 'x'"); // all rights, to pass on too
    await query(uri, "GRANT ALL ON *.* TO 'application'@'%' WITH GRANT OPTION");
  });
});

describe('servers', () => {
  test('run as nobody, with no capability, in a PID space of their own', async () => {
    const { nodes } = await createPxc(['--nodes', '2']);
    for (const { pid } of nodes) {
      for (const field of ['Uid', 'Gid'])
        expect(procStatus(pid, field).split(/\s+/)).toEqual(Array(4).fill(SERVER_UID));
      for (const field of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
        expect(procStatus(pid, field)).toBe('0000000000000000');
      expect(procStatus(pid, 'NoNewPrivs')).toBe('1');
      expect(procStatus(pid, 'Groups')).toBe('');
      expect(procStatus(pid, 'NSpid').split(/\s+/)).toEqual([String(pid), '2']);
    }
    const spaces = await Promise.all(
      nodes.map(async ({ pid }) => (await run(['readlink', `/proc/${pid ?? ''}/ns/pid`])).stdout),
    );
    expect(new Set(spaces).size).toBe(2);
  });

  // All servers have one uid: what keeps a node from another's files and processes is that it does not see them.
  test('see their own directory, socket and processes, and no other node’s', async () => {
    const { nodes } = await createPxc(['--nodes', '2']);
    const { pid } = nodeOf({ nodes } as never, 'node1');
    const inside = (script: string) =>
      run(['nsenter', '--target', String(pid), '--mount', '--pid', '--root', '--wd', ...['/bin/sh', '-c', script]]);
    expect((await inside('ls /var/lib/dbns/clusters/pxc /run/dbns/pxc')).stdout.split('\n').filter(Boolean)).toEqual([
      '/run/dbns/pxc:',
      'node1',
      '/var/lib/dbns/clusters/pxc:',
      'node1',
    ]);
    const places = isOfTheMachine(process.env.DBNS_TEST_IMAGE) ? '' : '/';
    expect((await inside(`ls -A ${places} /var/lib/dbns /run`)).stdout).not.toMatch(/images|password|home|root|work/);
    const { stdout } = await inside('cat /proc/[0-9]*/cmdline | tr "\\0" "\\n"');
    expect(stdout).toContain('/node1/my.cnf');
    expect(stdout).not.toContain('/node2/my.cnf');
    const asServer = ['setpriv', '--reuid', SERVER_UID, '--regid', SERVER_UID, '--clear-groups', '--'];
    const write = (file: string) => run([...asServer, 'sh', '-c', `: >> ${file}`], { expectExit: 'any' });
    expect((await write('/var/lib/dbns/clusters/pxc/node1/my.cnf')).exitCode).not.toBe(0);
  });

  test('listen in their namespaces alone: nothing new listens on the machine', async () => {
    const before = await listening();
    await createPxc(['--nodes', '2']);
    expect(await listening()).toEqual(before);
    expect((await listening(nodePlace('pxc', 'node1'))).sort()).toEqual(['3306', '4567']);
  });

  test('leave sockets and passwords to root', async () => {
    const { nodes } = await createPxc(['--nodes', '2']);
    const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);
    for (const { socket, directory } of nodes.map(({ name, socket }) => ({
      socket,
      directory: `/var/lib/dbns/clusters/pxc/${name}/data`,
    }))) {
      expect(mode(path.dirname(socket))).toBe('700');
      expect(mode(directory)).toBe('700');
    }
    await dbns(['client', 'pxc', '--', '-e', 'SELECT 1']);
    expect(mode('/var/lib/dbns/clusters/pxc/password')).toBe('600');
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];
    const words = new URL(await uriOf('pxc')).password;
    const { stdout, exitCode } = await run(
      [...nobody, 'grep', '-rl', words, '/var/lib/dbns', '/run/dbns', '/etc/netns'],
      {
        expectExit: 'any',
      },
    );
    expect({ stdout, found: exitCode === 0 }).toEqual({ stdout: '', found: false });
  });
});
