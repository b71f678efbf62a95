import { describe, expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import {
  MARIADB,
  MARIADB_NEXT,
  MYSQL,
  createReplication,
  hasImages,
  nodeOf,
  statusOf,
  value,
} from './world/cluster.js';
import { dbns, keepMachineClean, query, socketOf, startDbns, uriOf } from './world/machine.js';
import { THOROUGH, random } from './world/sample.js';

const IMAGES = [MYSQL, MARIADB];

keepMachineClean();

async function timed(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return (performance.now() - began) / 1000;
}

async function shopOn(cluster: ClusterView): Promise<string> {
  const uri = await uriOf(cluster.name);
  await query(uri, 'CREATE DATABASE shop');
  await query(uri, 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
  return uri;
}

const rows = (cluster: ClusterView, node: string, table = 'shop.t') =>
  query(socketOf(cluster.name, node), `SELECT id FROM ${table} ORDER BY id`).catch(() => null);

function kill(cluster: ClusterView, node: string): void {
  process.kill(nodeOf(cluster, node).pid ?? 0, 'SIGKILL');
}

describe.each(IMAGES)('on %s', (image) => {
  const needed = { skip: !hasImages(image) };
  const isMysql = image === MYSQL;

  test('--delay: received at once, applied later; --filter: these tables alone', needed, async () => {
    const delays = ['--delay', 'node3=3s', '--delay', 'node4=1h'];
    const words = ['--nodes', '4', ...delays, '--filter', 'node2=shop.%', '--parallel-workers', '2'];
    const cluster = await createReplication(image, words);
    const uri = await shopOn(cluster);
    await query(uri, 'CREATE DATABASE office');
    await query(uri, 'CREATE TABLE office.t (id INT PRIMARY KEY)');
    const began = performance.now();
    await query(uri, 'INSERT INTO shop.t VALUES (1)');
    await expect.poll(() => rows(cluster, 'node2')).toEqual([{ id: 1 }]);
    expect(await rows(cluster, 'node2', 'office.t')).toBeNull();
    const { state, nodes } = await statusOf(cluster.name);
    expect(state).toBe('running'); // a delay is what was asked for
    expect(nodes.map(({ status }) => status.delaySeconds)).toEqual([null, 0, 3, 3600]);
    expect(nodes[3]?.status.missing).toBeGreaterThan(0);
    await expect.poll(() => rows(cluster, 'node3')).toEqual([{ id: 1 }]);
    expect(performance.now() - began).toBeGreaterThan(2000); // the server counts whole seconds
    expect(await rows(cluster, 'node3', 'office.t')).toEqual([]);
    const workers = isMysql ? 'replica_parallel_workers' : 'slave_parallel_threads';
    expect(await value(socketOf(cluster.name, 'node2'), `SELECT @@GLOBAL.${workers}`)).toBe(2);
  });

  test(
    '--semi-sync: one replica is enough; without any, commits wait for the timeout and then for nobody',
    needed,
    async () => {
      const prefix = isMysql ? 'rpl_semi_sync_source' : 'rpl_semi_sync_master';
      const cluster = await createReplication(image, ['--semi-sync', '-c', `${prefix}_timeout=3000`]);
      const uri = await shopOn(cluster);
      const clients = () => query(uri, `SHOW GLOBAL STATUS LIKE '${prefix}_clients'`);
      expect(await clients()).toEqual([expect.objectContaining({ Value: '2' })]);
      expect((await statusOf(cluster.name)).nodes.map(({ status }) => status.semiSync)).toEqual([
        ...['source, 2 replicas', 'replica', 'replica'],
      ]);
      kill(cluster, 'node3');
      /** How many commits nobody acknowledged: after the timeout, or since nobody is waited for. */
      const alone = async () => Number((await query(uri, `SHOW GLOBAL STATUS LIKE '${prefix}_no_tx'`))[0]?.Value);
      const before = await alone();
      for (const id of [1, 4, 5]) await query(uri, `INSERT INTO shop.t VALUES (${id})`);
      expect(await alone()).toBe(before);
      kill(cluster, 'node2');
      expect(await timed(() => query(uri, 'INSERT INTO shop.t VALUES (2)'))).toBeGreaterThan(2.5);
      await query(uri, 'INSERT INTO shop.t VALUES (3)');
      expect(await alone()).toBe(before + 2);
      expect(await query(uri, `SHOW GLOBAL STATUS LIKE '${prefix}_status'`)).toEqual([
        expect.objectContaining({ Value: 'OFF' }),
      ]);
    },
  );
});

test.skipIf(!hasImages(MARIADB, MARIADB_NEXT))(
  `an image a node: ${MARIADB} leads, ${MARIADB_NEXT} follows`,
  async () => {
    const cluster = await createReplication(MARIADB, ['--image', `node3=${MARIADB_NEXT}`]);
    expect(cluster.nodes.map(({ image }) => image)).toEqual([MARIADB, MARIADB, MARIADB_NEXT]);
    await query(await shopOn(cluster), 'INSERT INTO shop.t VALUES (1)');
    await expect.poll(() => rows(cluster, 'node3')).toEqual([{ id: 1 }]);
    expect(await value(socketOf(cluster.name, 'node1'), 'SELECT VERSION()')).toMatch(/^10\.11\./);
    expect(await value(socketOf(cluster.name, 'node3'), 'SELECT VERSION()')).toMatch(/^11\.8\./);
  },
);

test.skipIf(!hasImages(MARIADB))('killed at any moment, then destroyed: nothing is left', async () => {
  const words = ['replication', 'create', '--image', MARIADB, '--json'];
  for (let round = 0; round < (THOROUGH ? 12 : 3); round++) {
    const { child, result } = startDbns(words, { expectExit: 'any' });
    const timer = setTimeout(() => child.kill('SIGKILL'), random() * 800);
    await result;
    clearTimeout(timer);
    await dbns(['destroy', '--all', '--yes']);
  }
});

test.skipIf(!hasImages(MARIADB))('one node alone; five in a chain', async () => {
  const [node] = (await createReplication(MARIADB, ['--nodes', '1'])).nodes;
  expect(node).toMatchObject({ role: 'primary', healthy: true });
  const chain = await createReplication(MARIADB, ['chain', '--nodes', '5', '--shape', 'chain']);
  await query(await shopOn(chain), 'INSERT INTO shop.t VALUES (1)');
  await expect.poll(() => rows(chain, 'node5')).toEqual([{ id: 1 }]);
});

test.skipIf(!hasImages(MYSQL, MARIADB))('what can not be is refused before anything is touched', async () => {
  const refused = async (words: readonly string[], says: RegExp) => {
    const { stderr } = await dbns(['replication', 'create', ...words], { expectExit: 2 });
    expect(stderr).toMatch(says);
  };
  await refused(['--image', MYSQL, '--image', `node3=${MARIADB}`], /node3 .* can't replicate from node1 .*GTIDs/);
  await refused(['--image', MARIADB, '--delay', 'node1=60s'], /node1 is a primary/);
  await refused(['--image', MARIADB, '--delay', '60s'], /write it like node3=VALUE/);
  await refused(['--image', MARIADB, '--shape', 'tree'], /Expected --shape=tree to be one of/);
  await refused(['--image', `node7=${MARIADB}`], /There is no node7/);
  await refused(['--image', MARIADB, '-c', 'no_such_option=1'], /does not know the option 'no_such_option'/);
});

test.skipIf(!hasImages(MARIADB))(
  'the account of replication is for the subnet alone, and nobody writes on a replica',
  async () => {
    const cluster = await createReplication(MARIADB, ['--nodes', '2', '--subnet', '10.77.0.0/24']);
    const hosts = await query(socketOf(cluster.name, 'node1'), "SELECT Host FROM mysql.user WHERE User = 'repl'");
    expect(hosts).toEqual([{ Host: '10.77.0.0/255.255.255.0' }]);
    const state = await value(socketOf(cluster.name, 'node1'), 'SELECT @@gtid_binlog_state');
    expect(state).toBe('0-1-1'); // the probe, and no account
    await expect(query(await uriOf(cluster.name, 'node2'), 'CREATE DATABASE x')).rejects.toThrow(/read-only/);
  },
);
