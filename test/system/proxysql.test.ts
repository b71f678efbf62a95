import { existsSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { PromotionView } from '../../src/lifecycle/running/promote-node.js';
import type { ClusterView } from '../../src/lifecycle/view.js';
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
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { Writer } from './world/writer.js';

/** ProxySQL of a vendor's, or built beside dbns: `dir:/…`. */
const PROXYSQL = process.env.DBNS_TEST_PROXYSQL ?? '';
const isThere = PROXYSQL !== '';

keepMachineClean();

/** Each is a session of its own: one that asked for a variable stays with the server that answered. */
const READ = 'SELECT @@hostname';
const WRITE = 'SELECT @@hostname FOR UPDATE';

/** Who answers at a URI, asked often enough to meet all of them. */
async function whoAnswers(uri: string, sql: string): Promise<string[]> {
  const names = new Set<string>();
  for (let count = 0; count < 12; count++) names.add(String(await value(uri, sql)));
  return [...names].sort();
}

const createProxy = (cluster: string, words: readonly string[] = []) =>
  dbns(['proxy', 'create', cluster, ...words, '--kind', 'proxysql', '--image', PROXYSQL, '--json']);

const admin = async (cluster: string, sql: string) =>
  (await dbns(['client', cluster, 'proxy1', '--admin', '--', '-N', '-B', '-e', sql])).stdout.trim().split('\n');

const proxyOf = ({ companions }: ClusterView) => {
  const [proxy] = companions;
  if (proxy === undefined) throw new Error('there is no proxy');
  return proxy;
};

interface Front {
  readonly title: string;
  readonly images: readonly string[];
  readonly create: () => Promise<ClusterView>;
  /**
   * Makes somebody else take writes after the writer was killed, where servers do not by themselves. Answers how many
   * transactions are lost by that: what is replicated asynchronously may be, and is told.
   */
  readonly takeOver: (cluster: string) => Promise<number>;
  /** Whether the writer is read from beside others, as ProxySQL does by itself. */
  readonly writerIsRead: boolean;
}

async function forcePromote(cluster: string): Promise<number> {
  const { json } = await dbns(['promote', cluster, 'node2', '--force', '--json']);
  return (json as PromotionView).loss?.transactions ?? 0;
}

const FRONTS: readonly Front[] = [
  {
    title: 'Galera',
    images: [],
    create: () => createPxc(['--nodes', '3']),
    takeOver: () => Promise.resolve(0),
    writerIsRead: false,
  },
  {
    title: 'a group',
    images: [MYSQL],
    create: () => createGroup(),
    takeOver: () => Promise.resolve(0),
    writerIsRead: true,
  },
  ...[MARIADB, MYSQL].map((image) => ({
    title: `replication on ${image}`,
    images: [image],
    create: () => createReplication(image),
    takeOver: forcePromote,
    writerIsRead: true,
  })),
];

describe.each(FRONTS)('ProxySQL in front of $title', ({ images, create, takeOver, writerIsRead }) => {
  test(
    'its monitors find out who takes writes, and it follows whatever happens to the cluster',
    { skip: !isThere || !hasImages(...images) },
    async () => {
      const { name } = await create();
      await createProxy(name);
      const uri = await uriOf(name, 'proxy1');
      const reads = async (...others: string[]) => {
        const names = writerIsRead ? ['node1', ...others] : others;
        await expect.poll(() => whoAnswers(uri, READ)).toEqual(names);
      };
      expect(await whoAnswers(uri, WRITE)).toEqual(['node1']);
      await reads('node2', 'node3');
      const { pid } = proxyOf(await statusOf(name));
      await query(uri, 'CREATE DATABASE shop');
      await query(uri, 'CREATE TABLE shop.t (id INT PRIMARY KEY)');

      const writer = new Writer([uri], 1, 10, false);
      const goesOn = async () => {
        const before = writer.acknowledged.length;
        await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(before + 50);
      };
      await goesOn();
      await dbns(['stop', name, 'node3']);
      await reads('node2');
      await dbns(['start', name, 'node3']);
      await reads('node2', 'node3');
      await dbns(['add', name]);
      await reads('node2', 'node3', 'node4');
      await dbns(['remove', name, 'node4']);
      await reads('node2', 'node3');
      await goesOn();
      expect(writer.failed).toEqual([]);
      kill(nodeOf(await statusOf(name), 'node1'));
      const lost = await takeOver(name);
      await goesOn();
      await writer.stop();
      await expect.poll(() => whoAnswers(uri, READ)).not.toContain('node1');
      const [now = ''] = await whoAnswers(uri, WRITE);
      expect(now).not.toBe('node1');
      await expect.poll(async () => proxyOf(await statusOf(name)).leads?.writer).toBe(now);
      const rows = await query(socketOf(name, now), 'SELECT id FROM shop.t');
      const there = new Set(rows.map(({ id }) => id as number));
      expect(writer.acknowledged.filter((id) => !there.has(id)).length).toBeLessThanOrEqual(lost);
      expect(proxyOf(await statusOf(name)).pid).toBe(pid);
    },
  );
});

test(
  'its admin interface, accounts of the servers, and what is kept over a restart',
  { skip: !isThere || !hasImages(MYSQL) },
  async () => {
    const { name } = await createReplication(MYSQL, ['--nodes', '2', '-c', 'max_connections=90']);
    await createProxy(name);
    const uri = await uriOf(name, 'proxy1');
    expect(await admin(name, 'SELECT DISTINCT max_connections FROM runtime_mysql_servers')).toEqual(['36']);
    const [version = ''] = await admin(name, 'SELECT @@mysql-server_version');
    expect(await value(socketOf(name, 'node1'), 'SELECT VERSION()')).toContain(version);

    // What holds passwords is for nobody else.
    const directory = `/var/lib/dbns/clusters/${name}/proxy1`;
    const modeOf = (file: string) => statSync(file).mode & 0o777;
    expect(modeOf(directory)).toBe(0o700);
    expect(modeOf(`/run/dbns/${name}/proxy1`)).toBe(0o700);
    expect(['admin-password', 'proxysql.cnf'].map((file) => modeOf(`${directory}/${file}`))).toEqual([0o600, 0o600]);

    // What no shell, no SQL and no configuration file may take for its own.
    const password = `a'b"--#/**/\\ $c`;
    await query(uri, `CREATE USER app IDENTIFIED BY ${JSON.stringify(password)}`);
    const user = (words: readonly string[], input: string, expectExit = 0) =>
      dbns(['proxy', 'user', name, ...words], { input, expectExit });
    await user(['proxy1', 'app'], `${password}\n`);
    const asApp = (secret: string) => uri.replace(/\/\/[^@]*@/, `//app:${encodeURIComponent(secret)}@`);
    expect(await whoAnswers(asApp(password), WRITE)).toEqual(['node1']);
    expect((await user(['proxy1', 'app'], 'another\n', 5)).stderr).toContain('Access denied');
    expect((await user(['proxy1', 'nobody'], 'x', 5)).stderr).toContain('Access denied');
    await user(['proxy1', 'app'], '', 2);
    await user(['proxy1', 'dbns'], 'x', 2);
    await user(['proxy9', 'app'], 'x', 4);
    expect(await admin(name, 'SELECT username FROM mysql_users ORDER BY 1')).toEqual(['app', 'dbns']);
    expect(await whoAnswers(asApp(password), WRITE)).toEqual(['node1']);

    // What was saved is there again; who came and went meanwhile is known.
    await admin(name, 'SET mysql-default_query_timeout = 1234567; SAVE MYSQL VARIABLES TO DISK');
    await dbns(['stop', name, 'proxy1']);
    await dbns(['add', name]);
    await dbns(['remove', name, 'node2']);
    await dbns(['start', name, 'proxy1']);
    expect(await admin(name, 'SELECT @@mysql-default_query_timeout')).toEqual(['1234567']);
    expect(await whoAnswers(asApp(password), READ)).toEqual(['node1', 'node3']);
    await dbns(['client', name, 'node1', '--admin'], { expectExit: 2 });
    await dbns(['proxy', 'remove', name, 'proxy1']);
    expect(existsSync(directory)).toBe(false);
  },
);

test(
  'where many take writes dbns tells it which one; where its account is refused it says why',
  { skip: !isThere || !hasImages(MARIADB) },
  async () => {
    const { name } = await createReplication(MARIADB, ['--nodes', '2', '--shape', 'ring']);
    await createProxy(name);
    const uri = await uriOf(name, 'proxy1');
    expect(await whoAnswers(uri, WRITE)).toEqual(['node1']);
    expect(await whoAnswers(uri, READ)).toEqual(['node2']);
    await dbns(['stop', name, 'node1']);
    await expect.poll(() => whoAnswers(uri, WRITE).catch(() => [])).toEqual(['node2']);
    expect(await whoAnswers(uri, READ)).toEqual(['node2']);
    await dbns(['start', name, 'node1']);
    await dbns(['proxy', 'remove', name, 'proxy1']);

    await query(socketOf(name, 'node1'), "ALTER USER dbns@'%' IDENTIFIED BY 'another'");
    const { stderr } = await dbns(
      ['proxy', 'create', name, '--kind', 'proxysql', '--image', PROXYSQL, '--timeout', '5s'],
      { expectExit: 6 },
    );
    expect(stderr).toContain('Access denied');
    expect((await statusOf(name)).companions).toEqual([]);
  },
);
