import {
  readdirSync,
  readFileSync,
  rmSync,
  mkdirSync,
  statSync,
  writeFileSync,
  existsSync,
  createWriteStream,
} from 'node:fs';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DumpView } from '../../src/lifecycle/data/dump.js';
import type { LoadView } from '../../src/lifecycle/data/load.js';
import type { ClusterView } from '../../src/lifecycle/view.js';
import {
  createGroup,
  createPxc,
  createReplication,
  hasImages,
  MARIADB,
  MYSQL,
  nodeOf,
  value,
} from './world/cluster.js';
import { run } from './world/command.js';
import {
  dbns,
  keepMachineClean,
  query,
  socketOf,
  startDbns,
  userTypes,
  type DbnsOptions,
  uriOf,
} from './world/machine.js';
import { atSocket, createMongo, needsMongod, withMongo } from './world/mongo.js';
import { THOROUGH } from './world/sample.js';

const SCRATCH = '/tmp/dbns-load';
const ORDER_LINES = 4938;

keepMachineClean();
beforeEach(() => {
  mkdirSync(SCRATCH, { recursive: true });
});
afterEach(() => {
  rmSync(SCRATCH, { recursive: true, force: true });
});

/** A file of a user's. */
function file(name: string, text: string): string {
  writeFileSync(`${SCRATCH}/${name}`, text);
  return `${SCRATCH}/${name}`;
}

async function load(cluster: string, words: readonly string[], options?: DbnsOptions): Promise<LoadView> {
  return (await dbns(['load', cluster, ...words, '--json'], options)).json as LoadView;
}

/** What it says that it can't do. */
async function refused(words: readonly string[], expectExit: number): Promise<string> {
  return (await dbns(words, { expectExit })).stderr;
}

/** A value on every node, over its socket. */
function everywhere({ nodes }: Pick<ClusterView, 'nodes'>, sql: string): Promise<unknown[]> {
  return Promise.all(nodes.map(({ socket }) => value(socket, sql)));
}

const COUNT_LINES = 'SELECT COUNT(*) FROM shop.order_lines';

/** Statements that replace the same few rows, of so many bytes. */
async function writeStatements(path: string, bytes: number): Promise<void> {
  const rows = Array.from({ length: 50 }, (_, id) => `(${id}, '${'x'.repeat(5000)}')`).join(', ');
  const statement = `REPLACE INTO large.t VALUES ${rows};\n`;
  const stream = createWriteStream(path);
  stream.write('CREATE DATABASE large; CREATE TABLE large.t (id INT PRIMARY KEY, v TEXT);\n');
  for (let written = 0; written < bytes; written += statement.length) {
    if (!stream.write(statement)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
}

/** The most memory that a dbns had at once, bytes. */
async function peakOf(words: readonly string[]): Promise<number> {
  const { child, result } = startDbns(words);
  const seen = { peak: 0 };
  const look = setInterval(() => {
    const status = existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : '';
    seen.peak = Math.max(seen.peak, Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0) * 1024);
  }, 20);
  await result.finally(() => {
    clearInterval(look);
  });
  return seen.peak;
}

describe('replication', () => {
  const needed = { skip: !hasImages(MARIADB) };

  test('has what is loaded on all nodes, of whatever size, and is told the line of what is wrong', needed, async () => {
    const cluster = await createReplication(MARIADB, ['--nodes', '2', '--sample']);
    const { name } = cluster;
    // The sample was on all nodes when create returned.
    expect(await everywhere(cluster, COUNT_LINES)).toEqual([ORDER_LINES, ORDER_LINES]);
    expect(JSON.parse(readFileSync(`/var/lib/dbns/clusters/${name}/cluster.json`, 'utf8'))).toMatchObject({
      init: ['sample'],
    });

    const small = file(
      'small.sql',
      [
        'CREATE DATABASE a; USE a; CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(9));',
        'DELIMITER //',
        "CREATE PROCEDURE p() BEGIN INSERT INTO t VALUES (1, 'é'); INSERT INTO t VALUES (2, 'b'); END//",
        'DELIMITER ;',
        'CALL p();\n',
      ].join('\n'),
    );
    await run(['gzip', small]);
    const base = await peakOf(['load', name, `${small}.gz`]);
    expect(await everywhere(cluster, 'SELECT GROUP_CONCAT(v ORDER BY id) FROM a.t')).toEqual(['é,b', 'é,b']);

    // Nor does what was right before the error go, nor what comes after it come.
    const wrong = file(
      'wrong.sql',
      'INSERT INTO t VALUES (3, "c");\n\nINSERT INTO tt\n VALUES (4);\nINSERT INTO t VALUES (5, "e");\n',
    );
    const words = await refused(['load', name, wrong, '--database', 'a'], 2);
    expect(words).toContain(
      `${wrong}:3: node1 refuses it: 1146 Table 'a.tt' doesn't exist\nWhat was loaded before stays.`,
    );
    await expect.poll(() => everywhere(cluster, 'SELECT GROUP_CONCAT(id) FROM a.t')).toEqual(['1,2,3', '1,2,3']);

    const size = THOROUGH ? 1e9 : 50e6;
    await writeStatements(`${SCRATCH}/large.sql`, size);
    const peak = await peakOf(['load', name, `${SCRATCH}/large.sql`]);
    expect(peak - base).toBeLessThan(50e6);
    expect(await everywhere(cluster, 'SELECT COUNT(*) FROM large.t')).toEqual([50, 50]);

    await run(['zstd', '-q', file('b.sql', 'CREATE DATABASE b;\n')]);
    const view = await load(name, [`${SCRATCH}/b.sql.zst`, '-'], { input: 'CREATE DATABASE c;\n' });
    expect(view).toMatchObject({ cluster: name, node: 'node1', nodes: ['node1', 'node2'] });
    expect(view.files.map((one) => one.name)).toEqual([`${SCRATCH}/b.sql.zst`, 'stdin']);
    expect(
      await everywhere(cluster, "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('b', 'c')"),
    ).toEqual([2, 2]);
    expect(await refused(['load', name, small.replace('small', 'no'), '--node', 'node1'], 2)).toContain(
      'There is no file',
    );
    expect(await refused(['load', name, wrong, '--node', 'node2'], 5)).toContain('node2 is a replica');
    expect(await refused(['load', name, file('empty.sql', '')], 2)).toContain('is empty: nothing was loaded');

    await interruptHalfAStatement(cluster);
    await dumpWhole(cluster);
    await loadDirectory(cluster);

    // Who can't get it is told: what is loaded stays loaded.
    const { socket } = nodeOf(cluster, 'node2');
    await query(socket, 'STOP SLAVE SQL_THREAD');
    expect(await refused(['load', name, file('d.sql', 'CREATE DATABASE d;\n')], 6)).toMatch(
      /All is loaded at node1, and not on all other nodes yet: node2 does not replicate from node1: its applier is stopped\./,
    );
    expect((await load(name, [file('e.sql', 'CREATE DATABASE e;\n'), '--no-wait'])).nodes).toBeNull();
    await query(socket, 'START SLAVE SQL_THREAD');
  });

  /** Whoever reads statements would take half a one for a whole one where the input ends. */
  async function interruptHalfAStatement(cluster: ClusterView): Promise<void> {
    const { child, result } = startDbns(['load', cluster.name, '-'], { input: null, expectExit: 130 });
    child.stdin?.write(
      `CREATE DATABASE half; -- ${'x'.repeat(100_000)}\nUSE a; INSERT INTO t VALUES (9, "z");\nDELETE FROM t`,
    );
    await expect.poll(() => value(nodeOf(cluster, 'node1').socket, 'SELECT COUNT(*) FROM a.t WHERE id = 9')).toBe(1);
    process.kill(child.pid ?? 0, 'SIGINT');
    const { stderr } = await result.finally(() => child.stdin?.end());
    expect(stderr).toMatch(/Interrupted by SIGINT; 0\.1 MB of .* had been taken; what was loaded stays\./);
    await expect.poll(() => everywhere(cluster, 'SELECT GROUP_CONCAT(id) FROM a.t')).toEqual(['1,2,3,9', '1,2,3,9']);
  }

  async function loadDirectory(cluster: ClusterView): Promise<void> {
    const { name } = cluster;
    const { socket } = nodeOf(cluster, 'node1');
    mkdirSync(`${SCRATCH}/empty`);
    expect(await refused(['load', name, `${SCRATCH}/empty`], 2)).toContain('not one of mydumper');
    const mydumper = await run(['sh', '-c', 'command -v mydumper'], { expectExit: 'any' });
    if (mydumper.exitCode !== 0) {
      file('empty/metadata', '');
      expect(await refused(['load', name, `${SCRATCH}/empty`], 3)).toContain('apt-get install mydumper');
      return;
    }
    const to = ['--socket', socket, '--user', 'root', '--outputdir', `${SCRATCH}/md`];
    await run(['mydumper', ...to, '--database', 'shop']);
    await query(socket, 'DROP DATABASE shop');
    // Of itself myloader writes nothing into the binary log.
    await load(name, [`${SCRATCH}/md`]);
    expect(await everywhere(cluster, COUNT_LINES)).toEqual([ORDER_LINES, ORDER_LINES]);
    expect(await refused(['load', name, `${SCRATCH}/md`], 2)).toMatch(/md: node1 refuses it: Error restoring shop\./);
  }

  /** A file that is there whole or not at all, for the caller alone. */
  async function dumpWhole({ name }: ClusterView): Promise<void> {
    const path = `${SCRATCH}/out.sql.gz`;
    const { json } = await dbns(['dump', name, '-d', 'shop', '-o', path, '--json'], {
      env: { SUDO_UID: '4711', SUDO_GID: '4712' },
    });
    expect(json).toEqual({ cluster: name, node: 'node2', databases: ['shop'], file: path } satisfies DumpView);
    const { mode, uid, gid } = statSync(path);
    expect([mode & 0o777, uid, gid]).toEqual([0o600, 4711, 4712]);
    const before = readdirSync(SCRATCH);
    expect(await refused(['dump', name, '-d', 'nope', '-o', `${SCRATCH}/other.sql`], 4)).toContain(
      "no database 'nope'",
    );
    const { child, result } = startDbns(['dump', name, '-o', `${SCRATCH}/large-out.sql`], { expectExit: 'any' });
    const begun = () => child.exitCode !== null || readdirSync(SCRATCH).length > before.length;
    await expect.poll(begun, { interval: 5, timeout: 60_000 }).toBe(true);
    child.kill('SIGTERM');
    const { exitCode } = await result;
    // One that was done by then is whole.
    if (exitCode === 0)
      expect(readFileSync(`${SCRATCH}/large-out.sql`, 'utf8').slice(-100)).toContain('Dump completed');
    else expect({ exitCode, there: readdirSync(SCRATCH) }).toEqual({ exitCode: 143, there: before });
    expect((await userTypes(`dbns dump ${name} -d shop -d a | grep -c "^CREATE DATABASE"`)).stdout).toBe('2\n');
  }
});

describe('Galera', () => {
  test('begins with what --init names, or not at all; a dump goes out and in', async () => {
    const [first, second] = [
      file('first.sql', 'CREATE DATABASE a;\nCREATE TABLE a.t (id INT PRIMARY KEY);\n'),
      file('second.sql', 'INSERT INTO a.t VALUES (1);\n\nINSERT INTO a.t VALUES (1);\n'),
    ];
    const failing = await dbns(['pxc', 'create', '--nodes', '1', '--init', first, '--init', second], { expectExit: 2 });
    expect(failing.stderr).toContain(`${second}:3: node1 refuses it: 1062 Duplicate entry`);
    expect(failing.stderr).not.toContain('stays');
    expect((await dbns(['list', '--json'])).json).toEqual({ clusters: [] });
    expect(await refused(['pxc', 'create', '--init', `${SCRATCH}/none.sql`], 2)).toContain('There is no file');

    const cluster = await createPxc(['--nodes', '2', '--sample', '--init', first]);
    expect(await everywhere(cluster, COUNT_LINES)).toEqual([ORDER_LINES, ORDER_LINES]);
    expect(await everywhere(cluster, 'SELECT COUNT(*) FROM a.t')).toEqual([0, 0]);

    await dbns(['dump', 'pxc', '-d', 'shop', '-o', `${SCRATCH}/shop.sql.zst`]);
    const hash =
      'SELECT MD5(GROUP_CONCAT(CONCAT_WS(0, order_id, product_id, quantity, price) ORDER BY 1)) FROM shop.order_lines';
    const before = await everywhere(cluster, hash);
    await query(socketOf('pxc', 'node2'), 'DROP DATABASE shop');
    await load('pxc', [`${SCRATCH}/shop.sql.zst`, '--node', 'node2']);
    expect(await everywhere(cluster, hash)).toEqual(before);

    // What Galera takes without a word, and does not replicate.
    const doubtful = file(
      'doubtful.sql',
      'CREATE TABLE a.m (id INT PRIMARY KEY) ENGINE = MyISAM; CREATE TABLE a.k (id INT);\n',
    );
    const { stderr } = await dbns(['load', 'pxc', doubtful]);
    expect(stderr).toContain('Warning: a.m: not of InnoDB, so Galera does not replicate the rows');
    expect(stderr).toContain('Warning: a.k: no primary key');
    await query(socketOf('pxc', 'node1'), 'SET GLOBAL wsrep_max_ws_size = 100000');
    const large = file(
      'large.sql',
      "CREATE TABLE a.l (id INT PRIMARY KEY, v LONGTEXT);\nINSERT INTO a.l VALUES (1, REPEAT('x', 200000));\n",
    );
    expect(await refused(['load', 'pxc', large, '--node', 'node1'], 2)).toMatch(
      /large\.sql:2: .*\n.*wsrep_max_ws_size/,
    );
    await query(socketOf('pxc', 'node1'), 'SET GLOBAL wsrep_max_ws_size = 2147483647');

    await dbns(['reset', 'pxc']);
    expect(await everywhere(cluster, hash)).toEqual(before);
    expect(
      await everywhere(cluster, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'a'"),
    ).toEqual([1, 1]);
  });
});

describe('a group', () => {
  test('explains what it does not take; of a dump all members get the rows', { skip: !hasImages(MYSQL) }, async () => {
    const cluster = await createGroup([
      '--nodes',
      '2',
      '-c',
      'group_replication_transaction_size_limit=1000000',
      '--sample',
    ]);
    const { name } = cluster;
    expect(await everywhere(cluster, COUNT_LINES)).toEqual([ORDER_LINES, ORDER_LINES]);
    const large = file(
      'large.sql',
      "CREATE DATABASE a; CREATE TABLE a.l (id INT PRIMARY KEY, v LONGTEXT);\nINSERT INTO a.l VALUES (1, REPEAT('x', 2000000));\n",
    );
    const words = await refused(['load', name, large], 2);
    expect(words).toContain(`${large}:2: node1 refuses it: 3100 `);
    expect(words).toContain('-c group_replication_transaction_size_limit=');
    const keyless = file('keyless.sql', 'CREATE TABLE a.k (id INT);\nINSERT INTO a.k VALUES (1);\n');
    expect(await refused(['load', name, keyless], 2)).toMatch(/keyless\.sql:2: .* 3098 .*\n.*primary key/);
    await query(nodeOf(cluster, 'node1').socket, 'DROP DATABASE a');

    // As mysqldump writes it of a server with GTIDs: that it has them, and that nothing is for others.
    const { stdout } = await dbns(['dump', name]);
    expect(stdout).not.toMatch(/GTID_PURGED|SQL_LOG_BIN/);
    const uuid = 'f2303fc4-e9e9-11f1-9b81-02db0ac80002';
    const theirs = file(
      'theirs.sql',
      `SET @@SESSION.SQL_LOG_BIN= 0;\nSET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '${uuid}:1-68';\n${stdout}`,
    );
    await query(nodeOf(cluster, 'node1').socket, 'DROP DATABASE shop');
    const { stderr } = await dbns(['load', name, theirs]);
    expect(stderr).toContain(`${theirs}:1: left out`);
    expect(await everywhere(cluster, COUNT_LINES)).toEqual([ORDER_LINES, ORDER_LINES]);
    for (const set of await everywhere(cluster, 'SELECT @@GLOBAL.gtid_executed')) expect(set).not.toContain(uuid);

    await query(nodeOf(cluster, 'node1').socket, 'DELETE FROM shop.order_lines');
    await dbns(['reset', name]);
    expect(await everywhere(cluster, COUNT_LINES)).toEqual([ORDER_LINES, ORDER_LINES]);
  });
});

describe('MongoDB', () => {
  test('has the sample as documents on every member; archives need a tool', needsMongod, async () => {
    const { nodes, name } = await createMongo(['--nodes', '2', '--sample']);
    const hasOrders = async () => {
      for (const node of nodes) {
        const uri = `${atSocket(node)}&readPreference=secondaryPreferred`;
        const count = await withMongo(uri, (client) => client.db('shop').collection('orders').countDocuments());
        expect(count).toBe(2000);
      }
    };
    await hasOrders();
    await withMongo(await uriOf(name), (client) => client.db('shop').dropDatabase());
    await dbns(['reset', name]);
    await hasOrders();
    const tool = await run(['sh', '-c', 'command -v mongorestore'], { expectExit: 'any' });
    if (tool.exitCode === 0) return;
    expect(await refused(['load', name, file('x.archive', 'x')], 3)).toContain('mongorestore');
    expect(await refused(['dump', name], 3)).toContain('mongodump');
  });
});
