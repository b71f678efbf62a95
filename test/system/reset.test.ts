import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ClusterEvent } from '../../src/cluster/event.js';
import { localMachine } from '../../src/lifecycle/context.js';
import { keepCopies } from '../../src/lifecycle/running/keep-copies.js';
import type { VerbView } from '../../src/lifecycle/running/verb.js';
import type { ClusterView, NodeView } from '../../src/lifecycle/view.js';
import { loadCluster, saveCluster } from '../../src/state/clusters.js';
import { MARIADB, MYSQL, createGroup, createPxc, createReplication, hasImages } from './world/cluster.js';
import { nodeOf, statusOf, value } from './world/cluster.js';
import { start } from './world/command.js';
import { drive } from './world/drive.js';
import type { Failure } from './world/failure.js';
import { dbns, keepMachineClean, query, uriOf } from './world/machine.js';
import { createMongo, insertNumber, needsMongod, numbersOn } from './world/mongo.js';
import { nodePlace } from './world/places.js';
import { THOROUGH, random, sample } from './world/sample.js';

const HAPROXY = 'haproxy:2.6';

keepMachineClean();

/** `dbns reset`: the cluster as it is then, which `status` says too, and its servers. */
async function reset(name: string, ...words: string[]): Promise<ClusterView> {
  const { json } = await dbns(['reset', name, ...words, '--json']);
  const [{ cluster } = { cluster: undefined }] = (json as { clusters: VerbView[] }).clusters;
  if (cluster === undefined) throw new Error(`reset says nothing of ${name}`);
  expect(cluster.state).toBe('running');
  await dbns(['status', name, '--check', '--timeout', '60s']);
  return cluster;
}

const refusal = async (...words: string[]) => {
  const { json, exitCode } = await dbns([...words, '--json'], { expectExit: 'any' });
  return { ...(json as { error: Omit<Failure, 'exitCode'> }).error, exitCode };
};

const rolesOf = ({ nodes }: ClusterView) => Object.fromEntries(nodes.map(({ name, role }) => [name, role]));
const configOf = ({ log }: NodeView) => log.replace(/server\.log$/, 'my.cnf');

/** Databases and accounts that no create makes. */
async function strangersOn({ socket }: NodeView): Promise<unknown[]> {
  const databases = await query(socket, "SHOW DATABASES LIKE 'shop%'");
  return [...databases, ...(await query(socket, "SELECT user FROM mysql.user WHERE user LIKE 'shop%'"))];
}

async function fill({ socket }: NodeView): Promise<void> {
  await query(socket, 'CREATE DATABASE shop');
  await query(socket, 'CREATE TABLE shop.t (id INT PRIMARY KEY)');
  await query(socket, 'INSERT INTO shop.t VALUES (1)');
  await query(socket, "CREATE USER shopper@'%' IDENTIFIED BY 'aB3$efgh'");
}

const isAlive = (pid: number | null | undefined) => existsSync(`/proc/${pid ?? ''}/stat`);

describe('reset', () => {
  test('Galera: nothing of before is left, and whoever stands around is as it was', async () => {
    const proxied = hasImages(HAPROXY);
    const created = await createPxc(['--nodes', '3', '-c', 'max_connections=77']);
    const { name } = created;
    const [one, two] = [nodeOf(created, 'node1'), nodeOf(created, 'node2')];
    if (proxied) await dbns(['proxy', 'create', name]);
    await dbns(['expose', name, 'node2', '--host-port', '3399']);
    await dbns(['attach', name, 'app', '--', 'sleep', 'infinity']);
    const inside = start([...nodePlace(name, 'node1'), 'sleep', 'infinity'], { expectExit: 'any' });
    const before = await statusOf(name);
    const uri = await uriOf(name, 'node1');
    await fill(one);
    await query(one.socket, 'SET GLOBAL max_connections = 33');
    appendFileSync(configOf(one), '# mine\n');
    await dbns(['stop', name, 'node2']);
    await dbns(['fault', 'partition', name, '--isolate', 'node3']);
    await dbns(['fault', 'pause', name, 'node1']);

    const after = await reset(name);
    expect(after.faults).toEqual([]);
    for (const node of after.nodes) {
      expect(await strangersOn(node)).toEqual([]);
      expect(await value(node.socket, 'SELECT @@GLOBAL.max_connections')).toBe(77);
      expect(node).toMatchObject({ address: nodeOf(before, node.name).address, wanted: 'running', healthy: true });
      expect(node.status).toMatchObject({ clusterSize: 3 });
      expect(readFileSync(configOf(node), 'utf8')).not.toContain('# mine');
      expect(await uriOf(name, node.name)).toBe(uri.replace(one.address, node.address));
    }
    expect(await value(uri, 'SELECT 1')).toBe(1);
    expect(await value(uri.replace(`${one.address}:3306`, '127.0.0.1:3399'), 'SELECT @@hostname')).toBe('node2');
    // Who writes to one node now is read on another: they are one cluster.
    await fill(nodeOf(after, 'node3'));
    expect(await value(two.socket, 'SELECT id FROM shop.t')).toBe(1);
    const pidsOf = ({ companions, attached }: ClusterView) => [...companions, ...attached].map(({ pid }) => pid);
    expect(pidsOf(after)).toEqual(pidsOf(before));
    expect(isAlive(inside.child.pid)).toBe(true);
    if (proxied) {
      // Of many who take writes it is the one that came up first.
      const [proxy] = after.companions;
      expect(proxy).toMatchObject({ healthy: true, leads: { writer: expect.any(String) as string }, error: null });
      expect(await value(await uriOf(name, 'proxy1'), 'SELECT @@hostname')).toBe(proxy?.leads?.writer);
    }
    const { json } = await dbns(['events', name, '--json']);
    const told = (json as ClusterEvent[]).flatMap((event) =>
      event.kind === 'verb' && event.verb === 'reset' ? event : [],
    );
    expect(told.map(({ outcome }) => outcome)).toEqual(['begun', 'done']);

    expect(await refusal('reset', 'nobody')).toMatchObject({ exitCode: 4 });
    expect(await refusal('reset', name, '--to-init')).toMatchObject({ exitCode: 5 });
    process.kill(-(inside.child.pid ?? 0), 'SIGKILL');
    await inside.result;
  });

  test(
    'a group: its first primary again, no persisted variable, no GTID of before',
    { skip: !hasImages(MYSQL) },
    async () => {
      const created = await createGroup();
      const { name } = created;
      const gtids = () => value(nodeOf(created, 'node1').socket, 'SELECT @@GLOBAL.gtid_executed');
      const atFirst = await gtids();
      await dbns(['promote', name, 'node3']);
      const three = nodeOf(created, 'node3');
      await fill(three);
      await query(three.socket, 'SET PERSIST max_connections = 33');
      await query(three.socket, 'SET PERSIST_ONLY innodb_log_buffer_size = 4194304');
      const ids = await Promise.all(created.nodes.map(({ socket }) => value(socket, 'SELECT @@server_uuid')));

      const after = await reset(name);
      expect(rolesOf(after)).toEqual({ node1: 'primary', node2: 'secondary', node3: 'secondary' });
      expect(await gtids()).toBe(atFirst);
      for (const node of after.nodes) {
        expect(await strangersOn(node)).toEqual([]);
        expect(ids).not.toContain(await value(node.socket, 'SELECT @@server_uuid'));
        expect(await query(node.socket, 'SELECT * FROM performance_schema.persisted_variables')).toEqual([]);
        expect(await value(node.socket, 'SELECT @@GLOBAL.max_connections')).not.toBe(33);
      }
      if (!THOROUGH) return;
      // Whoever was the first primary is gone: whoever is now stays it. Members take some 6 s to leave.
      await dbns(['promote', name, 'node2']);
      await dbns(['remove', name, 'node1']);
      expect(rolesOf(await reset(name))).toEqual({ node2: 'primary', node3: 'secondary' });
    },
  );

  test('MongoDB: a set with the primary of the beginning, and empty', needsMongod, async () => {
    const created = await createMongo();
    const { name } = created;
    await dbns(['promote', name, 'node2']);
    await insertNumber(await uriOf(name), 1, { w: 'majority' });
    const after = await reset(name);
    expect(rolesOf(after)).toMatchObject({ node1: 'primary', node2: 'secondary', node3: 'secondary' });
    for (const node of after.nodes) expect(await numbersOn(await uriOf(name, node.name))).toEqual([]);
  });
});

describe('reset of replication', { skip: !hasImages(MARIADB) }, () => {
  const rowsOn = async (name: string) => {
    const { nodes } = await statusOf(name);
    return Promise.all(nodes.map(({ socket }) => query(socket, 'SELECT id FROM shop.t').catch(() => null)));
  };

  test('roles and channels of the beginning, newcomers beside them; cut short it is taken up again', async () => {
    const created = await createReplication(MARIADB, ['--nodes', '2']);
    const { name } = created;
    await dbns(['promote', name, 'node2']);
    await dbns(['add', name]);
    await fill(nodeOf(created, 'node2'));
    const domain = await value(nodeOf(created, 'node2').socket, 'SELECT @@GLOBAL.gtid_binlog_pos');

    const after = await reset(name);
    expect(rolesOf(after)).toEqual({ node1: 'primary', node2: 'replica', node3: 'replica' });
    for (const node of after.nodes) {
      expect(await strangersOn(node)).toEqual([]);
      expect(await value(node.socket, 'SELECT @@GLOBAL.gtid_binlog_pos')).not.toBe(domain);
      const sources = node.status.channels as readonly { readonly source: string }[];
      expect(sources.map(({ source }) => source)).toEqual(node.name === 'node1' ? [] : ['node1']);
    }

    const { moments } = JSON.parse((await drive('life.mjs', ['reset', 'never', 0], { name })).stdout) as {
      moments: readonly string[];
    };
    expect(moments.length).toBeGreaterThan(30);
    // From the mark on: what comes before changes nothing.
    const marked = moments.findIndex((moment) => moment.endsWith(`${name}/cluster.json`)) + 1;
    const saved = moments.findLastIndex((moment) => moment.endsWith(`${name}/cluster.json`)) + 1;
    const middle = Array.from({ length: saved - marked }, (_, at) => marked + 1 + at);
    const first = Math.floor(random() * 3);
    for (const [at, number] of sample(middle, 3).entries()) {
      const how = (['kill', 'SIGINT', 'kill'] as const)[(at + first) % 3] ?? 'kill';
      const moment = `${how} at ${number}: ${moments[number - 1] ?? ''}`;
      await fill(nodeOf(created, 'node1'));
      await drive('life.mjs', ['reset', how, number], { name });
      const { state } = await statusOf(name);
      expect(['resetting', 'running'], moment).toContain(state);
      if (state === 'resetting') {
        await dbns(['status', name, '--check'], { expectExit: 7 });
        expect(await refusal('start', name), moment).toMatchObject({
          exitCode: 5,
          suggestions: [`dbns reset ${name}`, `dbns destroy ${name}`],
        });
      }
      expect(rolesOf(await reset(name)), moment).toEqual({ node1: 'primary', node2: 'replica', node3: 'replica' });
      expect(await rowsOn(name), moment).toEqual([null, null, null]);
    }
    // Half of one is destroyed too: the machine is looked over after the test.
    await drive('life.mjs', ['reset', 'kill', sample(middle, 1)[0] ?? 1], { name });
  });

  test('to the data that create was given, and without them', async () => {
    const { name } = await createReplication(MARIADB, ['--nodes', '2']);
    const [one] = (await statusOf(name)).nodes;
    if (one === undefined) throw new Error('there is no node');
    await fill(one);
    const cluster = await loadCluster(localMachine, name);
    await keepCopies(cluster, 60_000, {
      ...{ machine: localMachine, observer: {}, signal: new AbortController().signal },
    });
    const kept = await loadCluster(localMachine, name);
    if (kept.made === null) throw new Error('it was not made');
    await saveCluster(localMachine, { ...kept, made: { ...kept.made, init: true } });

    await query(one.socket, 'INSERT INTO shop.t VALUES (2)');
    await dbns(['add', name]);
    await dbns(['promote', name, 'node3']);
    for (const words of [[], ['--to-init']]) {
      const after = await reset(name, ...words);
      expect(rolesOf(after)).toEqual({ node1: 'primary', node2: 'replica', node3: 'replica' });
      expect(await rowsOn(name)).toEqual([[{ id: 1 }], [{ id: 1 }], [{ id: 1 }]]);
    }
    await reset(name, '--no-to-init');
    expect(await rowsOn(name)).toEqual([null, null, null]);
    expect(await rowsOn(name)).toHaveLength(3);
    await dbns(['remove', name, 'node2']);
    expect(await refusal('reset', name)).toMatchObject({ exitCode: 5 });
  });
});
