import { describe, expect, test } from 'vitest';
import type { Diagnosis } from '../../src/lifecycle/doctor/diagnosis.js';
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
import { run } from './world/command.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { sample } from './world/sample.js';
import { Writer } from './world/writer.js';

const HAPROXY = 'haproxy:2.6';
const ROUTER = 'router:9.7';

keepMachineClean();

const WHO = 'SELECT @@hostname';
const portOf = async (cluster: string, port: string) =>
  (await dbns(['uri', cluster, 'proxy1', '--port', port])).stdout.trim();

/** Who answers at a URI, asked often enough to meet all of them. */
async function whoAnswers(uri: string): Promise<string[]> {
  const names = new Set<string>();
  for (let count = 0; count < 8; count++) names.add(String(await value(uri, WHO)));
  return [...names].sort();
}

const proxyOf = ({ companions }: ClusterView) => {
  const [proxy] = companions;
  if (proxy === undefined) throw new Error('there is no proxy');
  return proxy;
};

/** What `doctor` says of one thing. */
async function checkNamed(wanted: string, words: readonly string[] = []) {
  const { json } = await dbns(['doctor', ...words, '--json'], { expectExit: 'any' });
  return (json as Diagnosis).checks.find((check) => check.name === wanted);
}

interface Front {
  readonly title: string;
  readonly images: readonly string[];
  readonly create: () => Promise<ClusterView>;
  /**
   * Makes somebody else take writes after the writer was killed, where servers do not by themselves. Answers how many
   * transactions are lost by that: what is replicated asynchronously may be, and is told.
   */
  readonly takeOver: (cluster: string) => Promise<number>;
  readonly reads: readonly string[];
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
    reads: ['node2', 'node3'],
  },
  {
    title: 'a group',
    images: [MYSQL],
    create: () => createGroup(),
    takeOver: () => Promise.resolve(0),
    reads: ['node2', 'node3'],
  },
  ...[MARIADB, MYSQL].map((image) => ({
    title: `replication on ${image}`,
    images: [image],
    create: () => createReplication(image),
    takeOver: forcePromote,
    reads: ['node2', 'node3'],
  })),
];

describe.each(sample(FRONTS, 2))('HAProxy in front of $title', ({ images, create, takeOver, reads }) => {
  test(
    'leads writes to who takes them and reads to the others, and follows whatever happens to them',
    { skip: !hasImages(HAPROXY, ...images) },
    async () => {
      const { name } = await create();
      await dbns(['proxy', 'create', name]);
      const [writes, ro] = [await uriOf(name, 'proxy1'), await portOf(name, 'ro')];
      expect(await whoAnswers(writes)).toEqual(['node1']);
      expect(await whoAnswers(ro)).toEqual(reads);
      const { pid } = proxyOf(await statusOf(name));
      await query(writes, 'CREATE DATABASE shop');
      await query(writes, 'CREATE TABLE shop.t (id INT PRIMARY KEY)');

      const writer = new Writer([writes], 1, 10);
      const goesOn = async () => {
        const before = writer.acknowledged.length;
        await expect.poll(() => writer.acknowledged.length).toBeGreaterThan(before + 50);
      };
      await goesOn();
      // Who falls ill is read from no more, and who is well again is.
      await dbns(['stop', name, 'node3']);
      await expect.poll(() => whoAnswers(ro)).toEqual(['node2']);
      await dbns(['start', name, 'node3']);
      await expect.poll(() => whoAnswers(ro)).toEqual(reads);
      // Who comes is led to, and who goes is not.
      await dbns(['add', name]);
      await expect.poll(() => whoAnswers(ro)).toEqual([...reads, 'node4']);
      await dbns(['remove', name, 'node4']);
      await expect.poll(() => whoAnswers(ro)).toEqual(reads);
      await goesOn();
      kill(nodeOf(await statusOf(name), 'node1'));
      const lost = await takeOver(name);
      await goesOn();
      await writer.stop();
      const [now = ''] = await whoAnswers(writes);
      expect(now).not.toBe('node1');
      await expect.poll(() => whoAnswers(ro)).not.toContain(now);
      const rows = await query(socketOf(name, now), 'SELECT id FROM shop.t');
      const there = new Set(rows.map(({ id }) => id as number));
      expect(writer.acknowledged.filter((id) => !there.has(id)).length).toBeLessThanOrEqual(lost);
      expect(proxyOf(await statusOf(name)).pid).toBe(pid);
    },
  );
});

test(
  'a proxy is stopped, started, killed, looked into and taken away like a node',
  { skip: !hasImages(HAPROXY) },
  async () => {
    const { name } = await createPxc(['--nodes', '2']);
    await dbns(['proxy', 'create', name, 'front', '--ip', '10.200.0.77']);
    const front = async () => proxyOf(await statusOf(name));
    // The bridge's table has the same name, and is no substitute.
    await run(['nft', 'delete', 'table', 'inet', `dbns-${name}`]);
    expect((await checkNamed('cluster networks'))?.found).toContain(`its nft table dbns-${name} is gone`);
    expect(await checkNamed('cluster networks', ['--fix'])).toMatchObject({ state: 'ok' });
    expect(await front()).toMatchObject({
      ...{ name: 'front', kind: 'haproxy', address: '10.200.0.77', healthy: true, process: 'running' },
      leads: { writer: 'node1', readers: ['node2'] },
    });
    const { stdout } = await dbns(['exec', name, 'front', '--', 'ip', '-br', 'addr']);
    expect(stdout).toContain('10.200.0.77');
    expect((await dbns(['client', name, 'front', '--', '-e', WHO])).stdout).toContain('node1');
    expect((await dbns(['stop', name, 'front', '--json'])).json).toMatchObject({
      clusters: [{ nodes: [{ node: 'front', outcome: 'stopped' }], cluster: { state: 'running' } }],
    });
    await expect.poll(async () => (await statusOf(name)).keeper).toBeNull();
    expect(await front()).toMatchObject({ process: 'stopped', healthy: false, wanted: 'stopped' });
    await dbns(['start', name, 'front']);
    expect(await whoAnswers(await uriOf(name, 'front'))).toEqual(['node1']);
    await dbns(['kill', name, 'front']);
    await expect.poll(async () => (await front()).process).toBe('dead');
    expect((await statusOf(name)).state).toBe('running');
    await dbns(['stop', name]);
    await dbns(['start', name]);
    expect(await whoAnswers(await uriOf(name, 'front'))).toEqual(['node1']);
    await dbns(['proxy', 'remove', name, 'front']);
    const left = await statusOf(name);
    expect(left.companions).toEqual([]);
    expect((await run(['ip', 'netns', 'list'])).stdout).not.toContain('front');
    expect((await run(['nft', 'list', 'tables'])).stdout).not.toContain('bridge');
    await expect.poll(async () => (await statusOf(name)).keeper).toBeNull();
  },
);

test(
  'MySQL Router is restarted when its routes change, by promote and by the death of a replica',
  { skip: !hasImages(ROUTER, MYSQL) },
  async () => {
    const { name } = await createReplication(MYSQL);
    await dbns(['proxy', 'create', name, '--kind', 'router']);
    const [writes, ro] = [await uriOf(name, 'proxy1'), await portOf(name, 'ro')];
    expect(await whoAnswers(writes)).toEqual(['node1']);
    expect(await whoAnswers(ro)).toEqual(['node2', 'node3']);
    const { pid } = proxyOf(await statusOf(name));
    await dbns(['promote', name, 'node2']);
    await expect.poll(() => whoAnswers(writes)).toEqual(['node2']);
    await expect.poll(() => whoAnswers(ro)).toEqual(['node1', 'node3']);
    expect(proxyOf(await statusOf(name)).pid).not.toBe(pid);
    kill(nodeOf(await statusOf(name), 'node3'));
    await expect.poll(() => whoAnswers(ro)).toEqual(['node1']);
    // It is stopped by whoever wants it stopped, and stays so.
    await dbns(['stop', name, 'proxy1']);
    await dbns(['promote', name, 'node1']);
    expect(proxyOf(await statusOf(name)).process).toBe('stopped');
  },
);

test(
  'the keeper is killed: the next command starts it, and its duties go on',
  { skip: !hasImages(HAPROXY, MARIADB) },
  async () => {
    const { name } = await createReplication(MARIADB);
    await dbns(['proxy', 'create', name]);
    await dbns(['expose', name, '--role', 'primary', '--host-port', '3399']);
    const keeper = async () => (await statusOf(name)).keeper;
    const first = await keeper();
    expect([...(first?.duties ?? [])].sort()).toEqual(['127.0.0.1:3399', 'proxy1']);
    const keepers = () => checkNamed('keepers');
    expect(await keepers()).toMatchObject({ state: 'ok' });
    process.kill(first?.pid ?? 0, 'SIGKILL');
    expect((await keepers())?.found).toContain('its keeper has ended');
    await dbns(['promote', name, 'node3']);
    const local = (await uriOf(name, 'proxy1')).replace(/@[^/]*/, '@127.0.0.1:3399');
    await expect.poll(() => whoAnswers(local)).toEqual(['node3']);
    await expect.poll(async () => whoAnswers(await uriOf(name, 'proxy1'))).toEqual(['node3']);
    // And back: nobody who took writes in between is led to.
    await dbns(['promote', name, 'node1']);
    await expect.poll(async () => whoAnswers(await uriOf(name, 'proxy1'))).toEqual(['node1']);
    expect(proxyOf(await statusOf(name)).leads).toEqual({ writer: 'node1', readers: ['node2', 'node3'] });
    expect((await keeper())?.pid).not.toBe(first?.pid);
  },
);

const BAD: readonly (readonly [readonly string[], number, string])[] = [
  [['proxy', 'create', 'c', 'node7'], 2, "'node7' can't be the name"],
  [
    ['proxy', 'create', 'c', '--kind', 'nginx'],
    2,
    "There is no kind of proxy 'nginx'. There are: haproxy, proxysql, router.",
  ],
  [['proxy', 'create', 'nobody'], 4, "There is no cluster 'nobody'."],
  [['proxy', 'create', 'c', '--ip', '10.1.2.3'], 2, '10.1.2.3, chosen for proxy1, is outside the network'],
  [['proxy', 'create', 'c', '--image', 'haproxy:9'], 4, 'haproxy:9'],
  [['proxy', 'create', 'c', '--image', MARIADB], 3, `The image ${MARIADB} has no haproxy.`],
  [['proxy', 'remove', 'c', 'proxy9'], 4, "The cluster 'c' has no proxy 'proxy9'. It has none."],
  [['uri', 'c', 'node1', '--port', 'odd'], 2, "node1 has no port 'odd'."],
  [['uri', 'c', '--port', 'ro'], 2, '--port is one of a node or proxy: name it.'],
];

test(
  'bad words: each its exit code and sentence, and nothing is left',
  { skip: !hasImages(HAPROXY, MARIADB) },
  async () => {
    await createPxc(['c', '--nodes', '1']);
    for (const [words, exit, sentence] of BAD) {
      expect((await dbns([...words], { expectExit: exit })).stderr).toContain(sentence);
    }
    expect(await statusOf('c')).toMatchObject({ companions: [], keeper: null });
  },
);
