import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { afterEach, describe, expect, test } from 'vitest';
import { run } from './world/command.js';
import { difference } from './world/difference.js';
import { dbns, keepMachineClean, query, snapshot, socketOf, startDbns, uriOf } from './world/machine.js';
import { value } from './world/cluster.js';

const MARIADB = 'mariadb:10.11';
const MARIADB_WITH_TLS = 'mariadb:11.8';
const MYSQL = 'mysql:9.7';
const STATE = '/var/lib/dbns';
const SCRATCH = '/tmp/dbns-options';

keepMachineClean();
afterEach(() => {
  rmSync(`${STATE}/failed`, { recursive: true, force: true }); // kept on purpose
  rmSync(SCRATCH, { recursive: true, force: true });
});

interface Failure {
  readonly exitCode: number;
  readonly message: string;
  readonly suggestions: readonly string[];
}

/** A create that must fail and leave nothing behind: what it says. */
async function refused(words: readonly string[]): Promise<Failure> {
  const before = await snapshot();
  const { exitCode, json, stdout, stderr } = await dbns([...words, '--json'], { expectExit: 'any' });
  const { error } = (json ?? {}) as { error?: Omit<Failure, 'exitCode'> };
  if (error === undefined) throw new Error(`exit ${exitCode}, no error in JSON: ${stdout}${stderr}`);
  rmSync(`${STATE}/failed`, { recursive: true, force: true });
  expect(difference(before, await snapshot())).toBe('');
  return { exitCode, ...error };
}

const create = (topology: string, name: string, image: string, ...words: string[]) =>
  dbns([topology, 'create', name, '--image', image, ...words]);
const refusedCreate = (topology: string, image: string, ...words: string[]) =>
  refused([topology, 'create', '--nodes', '1', '--image', image, ...words]);

function scratch(name: string, ...lines: string[]): string {
  mkdirSync(SCRATCH, { recursive: true });
  writeFileSync(`${SCRATCH}/${name}`, `${lines.join('\n')}\n`);
  return `${SCRATCH}/${name}`;
}

describe('why a server does not run', () => {
  test.each([
    ['pxc', MARIADB, 'skip-networking', /^'skip-networking' can't be given to such a cluster: /],
    ['replication', MYSQL, 'loose_skip_networking=1', /^'loose_skip_networking' can't be given to such a cluster: /],
    ['group', MYSQL, 'skip-log-bin', /^'skip-log-bin' can't be given to such a cluster: .* binary log/],
    ['replication', MYSQL, 'disable-log-bin', /^'disable-log-bin' can't be given to such a cluster: .* binary log/],
    ['pxc', MARIADB, 'skip-grant-tables', /^'skip-grant-tables' can't be given to such a cluster: /],
    ['pxc', MARIADB, 'skip_bind_address', /is set by dbns itself/],
    ['group', MYSQL, 'enable-user=mysql', /is set by dbns itself/],
  ])('%s of %s with %s: exit 2 before anything is made', async (topology, image, option, message) => {
    const failed = await refusedCreate(topology, image, '-c', option);
    expect(failed.message).toMatch(message);
    expect(failed.exitCode).toBe(2);
  });

  test.each([
    [MYSQL, 'max_connections=abc', "The server can't set 'abc' to 'max_connections'."],
    [MARIADB, 'sql_mode=NONSENSE', "The server can't set 'NONSENSE' to 'sql_mode'."],
    [MYSQL, 'no_such_option=1', "The server does not know the option 'no_such_option'."],
  ])('%s with %s: exit 2 with the server to witness', async (image, option, message) => {
    const failed = await refusedCreate('replication', image, '-c', option);
    expect(failed).toMatchObject({ exitCode: 2, message });
  });

  test.each([MYSQL, MARIADB])('%s: its [ERROR] lines come first, and no advertising', async (image) => {
    const { message, exitCode } = await refusedCreate('replication', image, '-c', 'innodb_data_home_dir=/nonexistent');
    const [first = '', ...lines] = message.split('\n');
    expect(first).toMatch(/^The pristine data directory could not be made/);
    expect(lines[0]).toMatch(/\[ERROR\]/);
    const errors = lines.filter((line) => line.includes('[ERROR]'));
    expect(lines.slice(0, errors.length)).toEqual(errors);
    expect(message).not.toMatch(/https?:|vibrant|bug report|Consider/);
    expect(exitCode).toBe(6);
  });

  test('a server that gave up is not waited for, whatever it still does', async () => {
    const failed = await refusedCreate('pxc', MARIADB, '-c', 'default_time_zone=Nowhere/Town', '--timeout', '2h');
    expect(failed.message).toContain("time zone 'Nowhere/Town'");
    expect(failed.exitCode).toBe(2);
  });

  test('a server that is killed at the very end is seen then', async () => {
    // `log in` is the last step: the server has been stopped before, and is killed while it is waited for.
    const creating = startDbns(
      ['replication', 'create', 'dies', '--image', MARIADB, '--nodes', '2', '--timeout', '2h'],
      {
        expectExit: 'any',
      },
    );
    const killer = `
      until grep -q 'ready for connections' ${STATE}/clusters/dies/node2/server.log 2>/dev/null; do :; done
      pids=$(ip netns pids dbns-dies-node2); kill -STOP $pids; sleep 1; kill -KILL $pids`;
    await run(['bash', '-c', killer]);
    const { exitCode, stderr } = await creating.result;
    expect(stderr).toContain('The server of node2 ended');
    expect(exitCode).toBe(6);
  });
});

describe('a pristine directory', () => {
  const OWN = ['-c', 'innodb_undo_tablespaces=4']; // one that no other test has made

  test('counts into --timeout, and nothing is left of it', async () => {
    const failed = await refusedCreate('replication', MYSQL, ...OWN, '--timeout', '300ms');
    expect(failed.message).toContain('The pristine data directory could not be made');
    expect(failed.exitCode).toBe(6);
    expect(readdirSync(`${STATE}/pristine`).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('that another makes is waited for, with a word about it: until --timeout, or Ctrl-C', async () => {
    mkdirSync(`${STATE}/pristine`, { recursive: true });
    const holder = startDbnsLock();
    const words = ['replication', 'create', '--image', MARIADB, '-c', 'innodb_page_size=8k'];
    try {
      await holder.locked;
      const failed = await refused([...words, '--timeout', '1s']);
      expect(failed).toMatchObject({ exitCode: 6, message: 'Another dbns still makes a pristine data directory.' });
      const waiting = startDbns(words, { expectExit: 130 });
      let said = '';
      waiting.child.stderr?.on('data', (text: string) => (said += text));
      while (!said.includes('wait for another dbns')) await sleep(20);
      process.kill(waiting.child.pid ?? 0, 'SIGINT');
      await waiting.result;
    } finally {
      await holder.release();
    }
    await run(['flock', '--nonblock', `${STATE}/pristine`, 'true']);
  });

  /** Holds the kernel's lock as a dbns does that makes one. */
  function startDbnsLock() {
    const held = run([
      'flock',
      `${STATE}/pristine`,
      'bash',
      '-c',
      // One process, the same at each look.
      `mkfifo ${SCRATCH}/release; touch ${scratch('held')}.now; read <${SCRATCH}/release || true`,
    ]);
    const locked = run(['bash', '-c', `until [ -e ${SCRATCH}/held.now ]; do sleep 0.02; done`]);
    const release = async () => {
      await run(['bash', '-c', `echo >${SCRATCH}/release`]);
      await held;
    };
    return { locked, release };
  }
});

describe('options that make others needful', () => {
  test('password policies: the random password satisfies them, and a weak one is told', async () => {
    const policy = [
      ...['-c', 'plugin-load=validate_password.so', '-c', 'validate_password_policy=STRONG'],
      ...['-c', 'validate_password_length=20', '-c', 'validate_password_special_char_count=3'],
    ];
    await create('group', 'strict', MYSQL, '--nodes', '2', ...policy);
    expect(await value(await uriOf('strict', 'node2'), 'SELECT @@validate_password_policy')).toBe('STRONG');
    // dbns's own plugins are still there.
    expect(
      await value(
        socketOf('strict', 'node1'),
        "SELECT COUNT(*) FROM performance_schema.replication_group_members WHERE MEMBER_STATE = 'ONLINE'",
      ),
    ).toBe(2);
    await dbns(['destroy', 'strict']);
    const weak = ['--password-file', scratch('weak', 'weak')];
    for (const [topology, image, ...words] of [
      ['group', MYSQL, ...policy],
      ['replication', MYSQL, ...policy],
      ['pxc', MARIADB, '-c', 'plugin_load_add=simple_password_check'],
    ] as const) {
      const failed = await refusedCreate(topology, image, ...words, ...weak);
      expect(failed.message).toMatch(/^The server does not make the account 'dbns': Your password does not satisfy/);
      expect(failed.suggestions.join()).toContain('--password-file');
      expect(failed.exitCode).toBe(2);
    }
  });
});

describe('time zones, and TLS where it is required', () => {
  const ZONE = ['-c', 'default_time_zone=Europe/Berlin'];
  const TLS = ['-c', 'require-secure-transport=ON'];

  test.each([
    ['pxc', MARIADB, ZONE, "SELECT CONCAT(@@GLOBAL.gtid_binlog_state, '/', @@GLOBAL.wsrep_on)", '/ON'],
    ['pxc', MARIADB_WITH_TLS, [...ZONE, ...TLS], 'SELECT @@GLOBAL.gtid_binlog_state', ''],
    ['replication', MARIADB_WITH_TLS, [...ZONE, ...TLS], 'SELECT @@GLOBAL.gtid_binlog_state', '0-1-1'],
    ['replication', MYSQL, [...ZONE, ...TLS], "SELECT @@GLOBAL.gtid_executed LIKE '%:1'", 1],
    ['group', MYSQL, [...ZONE, ...TLS, '--communication-stack', 'mysql'], 'SELECT @@GLOBAL.gtid_purged', ''],
  ])('%s of %s %j', async (topology, image, words, sql, expected) => {
    await create(topology, 'zones', image, '--nodes', '2', ...words);
    for (const node of ['node1', 'node2']) {
      const socket = socketOf('zones', node);
      expect(await value(socket, 'SELECT @@GLOBAL.time_zone')).toBe('Europe/Berlin');
      const noon = "SELECT CAST(CONVERT_TZ('2026-07-01 12:00', 'UTC', 'America/New_York') AS CHAR)";
      expect(await value(socket, noon)).toMatch(/^2026-07-01 08:00:00/);
      expect(await value(socket, "SELECT COUNT(*) FROM mysql.time_zone_name WHERE Name LIKE 'right/%'")).toBe(0);
    }
    // The tables were filled without a GTID: what is there is dbns's own first transaction, or none.
    expect(await value(socketOf('zones', 'node1'), sql)).toBe(expected);
    if (words.includes('require-secure-transport=ON')) await byTlsAlone(await uriOf('zones', 'node2'));
    const { stdout } = await dbns(['status', 'zones', '--check']);
    expect(stdout).toContain('running');
  });

  async function byTlsAlone(uri: string): Promise<void> {
    await expect(query(uri, 'SELECT 1')).rejects.toThrow(/secure|TLS|SSL/i);
    const connection = await mysql.createConnection({ uri, ssl: { rejectUnauthorized: false } });
    const [rows] = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'");
    await connection.end();
    expect(JSON.stringify(rows)).toMatch(/AES|CHACHA/);
  }
});

describe('--my-cnf', () => {
  test('its lines are the servers’, each of its own sections; -c wins over it', async () => {
    const file = scratch(
      'my.cnf',
      ...['[client]', 'port = 3306', '[mysqld]', '# a comment', 'max_connections = 77', 'wait_timeout=101 # s'],
      ...[
        'init_connect = "SET @a = 1; SET @b = 2"',
        '[mariadb-10.11]',
        'lock_wait_timeout=102',
        '[mysqld-9.7]',
        'no_such=1',
      ],
    );
    const { stderr } = await create(
      'replication',
      'filed',
      MARIADB,
      '--nodes',
      '2',
      '--my-cnf',
      file,
      '-c',
      'max_connections=78',
    );
    expect(stderr).toContain(`Warning: ${file}: [client]: no server reads that; left out.`);
    const read = async (node: string) => {
      const names = ['max_connections', 'wait_timeout', 'lock_wait_timeout', 'init_connect'];
      return query(socketOf('filed', node), `SELECT ${names.map((name) => `@@GLOBAL.${name} AS ${name}`).join(', ')}`);
    };
    const expected = {
      ...{ max_connections: 78, wait_timeout: 101, lock_wait_timeout: 102 },
      init_connect: 'SET @a = 1; SET @b = 2',
    };
    expect([await read('node1'), await read('node2')]).toEqual([[expected], [expected]]);
    // What is written anew has them too.
    await dbns(['promote', 'filed', 'node2']);
    const { stdout } = await run(['cat', `${STATE}/clusters/filed/node2/my.cnf`]);
    expect(stdout).toContain('[mariadb-10.11]\nlock_wait_timeout = 102\n');
  });

  test('what is wrong in it is told with its lines, and nothing is made', async () => {
    const file = scratch('my.cnf', '[mysqld]', 'port = 1', 'max_connections=7', 'maximum-datadir=/x');
    const failed = await refusedCreate('pxc', MARIADB, '--my-cnf', file);
    expect(failed.message).toBe(
      [
        `${file}:2: 'port' is set by dbns itself and can't be given.`,
        `${file}:4: 'maximum-datadir' is set by dbns itself and can't be given.`,
      ].join('\n'),
    );
    expect(failed.exitCode).toBe(2);
    const absent = await refusedCreate('pxc', MARIADB, '--my-cnf', `${SCRATCH}/none`);
    expect(absent).toMatchObject({ exitCode: 2, message: `There is no option file ${SCRATCH}/none.` });
    const included = scratch('other.cnf', '[mysqld]', '!includedir /etc/mysql');
    expect((await refusedCreate('pxc', MARIADB, '--my-cnf', included)).message).toContain(`${included}:2: `);
  });
});
