import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { expect, test } from 'vitest';
import {
  MARIADB_NEXT,
  commandLines,
  createPxc,
  hasImages,
  kill,
  nodeOf,
  providerOptions,
  statusOf,
  value,
  wsrep,
} from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, startDbns } from './world/machine.js';
import { THOROUGH } from './world/sample.js';

keepMachineClean();

const socket = (node: string) => socketOf('pxc', node);
const file = (node: string, name: string) => `/var/lib/dbns/clusters/pxc/${node}/${name}`;
const read = (node: string, name: string) => readFileSync(file(node, name), 'utf8');
const MEMBERS = /^wsrep_cluster_address\s*=\s*gcomm:\/\/(.*)$/m;

async function makeTable(): Promise<void> {
  await query(socket('node1'), 'CREATE DATABASE shop');
  await query(socket('node1'), 'CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, b LONGBLOB) ENGINE = InnoDB');
}

/** An application at one node, to which nothing may fail. `stop` answers how many writes were acknowledged. */
function writeAt(node: string): { stop: () => Promise<number> } {
  const halt = new AbortController();
  let acknowledged = 0;
  const writing = (async () => {
    const connection = await mysql.createConnection({ socketPath: socket(node), user: 'root', database: 'shop' });
    for (; !halt.signal.aborted; acknowledged++) await connection.query("INSERT INTO t (b) VALUES ('x')");
    await connection.end();
  })();
  writing.catch(() => undefined);
  return {
    async stop() {
      halt.abort();
      await writing;
      return acknowledged;
    },
  };
}

/** What is told of a verb's one cluster. */
async function verb(...words: string[]): Promise<readonly string[]> {
  const { json } = await dbns([...words, '--json']);
  return (json as { clusters: { notes: string[] }[] }).clusters.flatMap(({ notes }) => notes);
}

/** All are well, in one cluster, with the same rows and one vote each; each is named in each my.cnf; nothing is left of joining. */
async function expectOneCluster(names: readonly string[]): Promise<void> {
  await dbns(['status', 'pxc', '--check', '--timeout', '60s']);
  const { nodes } = await statusOf('pxc');
  expect(nodes.map(({ name, phase }) => `${name} ${phase}`)).toEqual(names.map((name) => `${name} added`));
  const addresses = nodes.map(({ address }) => address);
  const periods = await periodsOf(names[0] ?? '');
  const sums = () =>
    Promise.all(names.map((name) => value(socket(name), "SELECT CONCAT(COUNT(*), ' ', SUM(CRC32(id))) FROM shop.t")));
  await expect.poll(async () => new Set(await sums()).size).toBe(1);
  for (const name of names) {
    const { cluster_size: size, cluster_weight: weight } = await wsrep(socket(name));
    expect([size, weight]).toEqual([String(names.length), String(names.length)]);
    expect(MEMBERS.exec(read(name, 'my.cnf'))?.[1]?.split(',').sort()).toEqual([...addresses].sort());
    expect(read(name, 'forming.cnf')).toBe('');
    expect(await periodsOf(name)).toEqual(periods);
    // Nobody was lost: who left, left in order.
    expect(read(name, 'server.log')).not.toContain('suspecting node');
  }
}

async function periodsOf(node: string): Promise<object> {
  const options = Object.entries(await providerOptions(socket(node)));
  return Object.fromEntries(options.filter(([name]) => name.startsWith('evs.')));
}

/** More than a gcache holds. */
async function overflow(node: string): Promise<void> {
  for (let row = 0; row < 12; row++)
    await query(socket(node), 'INSERT INTO shop.t (b) VALUES (REPEAT(CHAR(65 + RAND() * 25), 1000000))');
}

test('nodes come by IST and by SST and leave under a writer, to whom nothing fails', async () => {
  const [, second] = (await createPxc(['--nodes', '2'])).nodes;
  await makeTable();
  const writer = writeAt('node2');
  const [ist, ...others] = await verb('add', 'pxc');
  expect(others).toEqual([]);
  expect(ist).toMatch(
    /^node3 takes \d+ write sets from a donor's gcache \(IST\), on a clone of the pristine directory\.$/,
  );
  expect(read('node3', 'server.log')).toMatch(/rsync IST completed on joiner/);
  await expectOneCluster(['node1', 'node2', 'node3']);

  await overflow('node1');
  const [sst] = await verb('add', 'pxc');
  expect(sst).toMatch(
    /^node4 takes all data over \(SST by rsync\): no donor's gcache reaches back to \S+:\d+; rsync blocks the donor's writes while it copies\.$/,
  );
  expect(read('node4', 'server.log')).toMatch(/rsync SST completed on joiner/);
  await expectOneCluster(['node1', 'node2', 'node3', 'node4']);

  // Also the one that the others began with.
  expect(await verb('remove', 'pxc', 'node1', 'node3')).toEqual([
    '2 nodes stay: when one of them is lost the other is no primary component.',
  ]);
  expect(existsSync(file('node1', ''))).toBe(false);
  await expectOneCluster(['node2', 'node4']);
  // One whose data directory is gone comes back to its place.
  const { address } = nodeOf(await statusOf('pxc'), 'node4');
  await dbns(['stop', 'pxc', 'node4']);
  rmSync(file('node4', 'data'), { recursive: true });
  await verb('rebuild', 'pxc', 'node4');
  await expectOneCluster(['node2', 'node4']);
  expect(nodeOf(await statusOf('pxc'), 'node4')).toMatchObject({ address, phase: 'added', healthy: true });
  for (let round = 0; round < (THOROUGH ? 10 : 0); round++) {
    if (round % 2 === 0) await overflow('node4');
    await verb('add', 'pxc', '--nodes', '2');
    const names = (await statusOf('pxc')).nodes.map(({ name }) => name);
    await expectOneCluster(names);
    await verb('remove', 'pxc', ...names.slice(2));
    await expectOneCluster(['node2', 'node4']);
  }
  expect(await writer.stop()).toBeGreaterThan(50);
  expect(nodeOf(await statusOf('pxc'), 'node2').pid).toBe(second?.pid);

  // Words that make no sense here.
  for (const words of [['--sst', 'mariabackup'], ['--nodes', '63'], ['--arbiter']])
    await dbns(['add', 'pxc', ...words], { expectExit: 2 });

  // One of two is lost: the other is no primary component, and nothing is put right by taking nodes away.
  kill(nodeOf(await statusOf('pxc'), 'node4'));
  await expect.poll(async () => (await wsrep(socket('node2'))).cluster_status, { timeout: 60_000 }).toBe('non-Primary');
  const alone = await dbns(['remove', 'pxc', 'node4'], { expectExit: 5 });
  expect(alone.stderr).toContain("node2 of 'pxc' stays, in no primary component");
  expect((await dbns(['add', 'pxc'], { expectExit: 5 })).stderr).toContain('in no primary component: nobody can join');
  await dbns(['remove', 'pxc', 'node4', '--force']);
  await dbns(['restart', 'pxc']);
  await expectRows('node2');

  // Nobody runs: whoever is the furthest stays.
  await dbns(['add', 'pxc']);
  await dbns(['stop', 'pxc', 'node2']);
  const [last] = (await statusOf('pxc')).nodes.filter(({ name }) => name !== 'node2');
  await query(socket(last?.name ?? ''), "INSERT INTO shop.t (b) VALUES ('x')");
  expect((await dbns(['remove', 'pxc', last?.name ?? ''], { expectExit: 5 })).stderr).toContain('No node');
  await dbns(['stop', 'pxc']);
  expect((await dbns(['remove', 'pxc', last?.name ?? ''], { expectExit: 5 })).stderr).toContain(
    'None that stays is as far',
  );
  expect((await dbns(['add', 'pxc'], { expectExit: 5 })).stderr).toContain('there is nobody to join');
  await verb('remove', 'pxc', 'node2');
  await dbns(['start', 'pxc']);
  await expectRows(last?.name ?? '');
});

/** It takes reads and writes, and has what was written. */
async function expectRows(node: string): Promise<void> {
  await query(socket(node), "INSERT INTO shop.t (b) VALUES ('x')");
  expect(Number(await value(socket(node), 'SELECT COUNT(*) FROM shop.t'))).toBeGreaterThan(60);
}

const PRISTINE = '/var/lib/dbns/pristine';

test('mariabackup has an account of its own; a transfer that is interrupted costs the one that is there nothing', async () => {
  const image = hasImages(MARIADB_NEXT) ? ['--image', MARIADB_NEXT] : [];
  await createPxc(['--nodes', '1', '--sst', 'mariabackup', ...image]);
  await makeTable();
  await query(socket('node1'), "INSERT INTO shop.t (b) VALUES ('x')");
  expect(statSync(file('node1', 'sst.cnf')).mode & 0o777).toBe(0o600);
  const secret = /wsrep_sst_auth = sst:(\S+)/.exec(read('node1', 'sst.cnf'))?.[1] ?? '';
  expect(secret).toMatch(/^Sst-/);
  expect(read('node1', 'my.cnf')).not.toContain(secret);
  const [grants] = await query(socket('node1'), "SHOW GRANTS FOR 'sst'@'localhost'");
  expect(Object.values(grants ?? {})[0]).toMatch(/^GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON \*\.\* TO /);

  renameSync(PRISTINE, `${PRISTINE}.away`);
  try {
    const isDonor = async () => (await wsrep(socket('node1'))).local_state_comment;
    const interrupted = startDbns(['add', 'pxc'], { expectExit: 130 });
    await expect.poll(isDonor, { timeout: 60_000 }).toBe('Donor/Desynced');
    process.kill(-(interrupted.child.pid ?? 0), 'SIGINT');
    await interrupted.result;
    // One of two that is lost would have taken the other's quorum along.
    await query(socket('node1'), "INSERT INTO shop.t (b) VALUES ('x')");
    expect((await wsrep(socket('node1'))).cluster_status).toBe('Primary');
    expect((await statusOf('pxc')).nodes.map(({ name }) => name)).toEqual(['node1']);

    const adding = startDbns(['add', 'pxc', '--sst', 'mariabackup', '--json']);
    const lines: string[] = [];
    await expect
      .poll(() => lines.push(...commandLines()) && lines.some((line) => line.includes('mariadb-backup --')), {
        ...{ timeout: 120_000, interval: 50 },
      })
      .toBe(true);
    expect(lines.filter((line) => line.includes(secret))).toEqual([]);
    const { json } = { json: JSON.parse((await adding.result).stdout) as { clusters: { notes: string[] }[] } };
    expect(json.clusters[0]?.notes).toEqual([
      expect.stringMatching(/^node3 takes all data over \(SST by mariabackup\): there is no pristine directory/),
    ]);
  } finally {
    renameSync(`${PRISTINE}.away`, PRISTINE);
  }
  expect(read('node3', 'sst.cnf')).toBe(read('node1', 'sst.cnf'));
  await dbns(['status', 'pxc', '--check', '--timeout', '60s']);
  expect(await value(socket('node3'), 'SELECT COUNT(*) FROM shop.t')).toBe(2);
});
