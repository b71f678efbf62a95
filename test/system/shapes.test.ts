import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClusterNetworks, NetworkReport } from '../../src/lifecycle/network/view.js';
import { createPxc, createReplication, hasImages, MARIADB, MYSQL, nodeOf, statusOf, wsrep } from './world/cluster.js';
import { run } from './world/command.js';
import { difference } from './world/difference.js';
import { kernelNow } from './world/kernel.js';
import { dbns, expectSameMachine, query, snapshot, socketOf } from './world/machine.js';
import { cutPairs } from './world/mesh.js';
import { MACHINE, MACHINE_ADDRESS, nodePlace, OUTSIDE, OUTSIDE_ADDRESS } from './world/places.js';
import { THOROUGH } from './world/sample.js';
import { answerAt, askFrom, knockFrom } from './world/traffic.js';

// Networks of other shapes than one bridge: zones, and links that the machine routes. What passes is asked of the kernel by packets.

const PORT = 7070;
const NO_ANSWER = 400; // ms after which none will come

let before = '';

beforeAll(async () => {
  before = await snapshot();
});

const destroyAll = async () => {
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
};

async function lookAt(cluster: string): Promise<NetworkReport> {
  const { json } = await dbns(['network', cluster, '--json']);
  const [network] = (json as { clusters: readonly ClusterNetworks[] }).clusters[0]?.networks ?? [];
  if (network === undefined) throw new Error('no network');
  return network;
}

/** What is amiss, and what is not joined. */
async function faultsOf(cluster: string): Promise<readonly string[]> {
  const { amiss, endpoints } = await lookAt(cluster);
  return [...amiss, ...endpoints.flatMap((each) => [...each.amiss, ...(each.joined ? [] : [`${each.node} is apart`])])];
}

const addressesOf = async (cluster: string) =>
  Object.fromEntries((await statusOf(cluster)).nodes.map(({ name, address }) => [name, address]));

/** A row that is written on node1 comes to all that run. */
async function expectArrives(cluster: string, row: number): Promise<void> {
  await query(socketOf(cluster, 'node1'), `INSERT INTO shapes.t VALUES (${row})`);
  for (const { name, process } of (await statusOf(cluster)).nodes) {
    if (process !== 'running') continue;
    const rows = async () => (await query(socketOf(cluster, name), `SELECT id FROM shapes.t WHERE id = ${row}`)).length;
    await expect.poll(rows, { timeout: 20_000 }).toBe(1);
  }
}

const makeTable = (cluster: string) =>
  query(socketOf(cluster, 'node1'), 'CREATE DATABASE shapes').then(() =>
    query(socketOf(cluster, 'node1'), 'CREATE TABLE shapes.t (id INT PRIMARY KEY)'),
  );

/** Who asks sees the address that the other is seen by; null where nothing comes. */
async function seenFrom(from: readonly string[], to: readonly string[], address: string): Promise<string | null> {
  const server = await answerAt(to, PORT);
  try {
    return await askFrom(from, address, PORT, 2000);
  } finally {
    await server.stop();
  }
}

describe('replication in two zones', () => {
  beforeAll(async () => {
    await createReplication(MARIADB, ['r', '--nodes', '4', '--zones', '2', '--zone', 'node3=b']);
    await makeTable('r');
  });
  afterAll(destroyAll);

  test('nodes are spread, each zone has a bridge, and the machine routes between them', async () => {
    const { nodes, networks } = await statusOf('r');
    expect(nodes.map(({ name, zone, address }) => `${name} ${zone} ${address}`)).toEqual([
      ...['node1 a 10.200.0.2', 'node2 a 10.200.0.3', 'node3 b 10.200.0.130', 'node4 b 10.200.0.131'],
    ]);
    expect(networks[0]).toMatchObject({ layout: 'bridge', gateway: null, bridge: null });
    expect(networks[0]?.zones.map(({ name, gateway }) => `${name} ${gateway}`)).toEqual([
      'a 10.200.0.1',
      'b 10.200.0.129',
    ]);
    expect((await dbns(['status', 'r'])).stdout).toMatch(/^NODE +ZONE +ADDRESS/m);
    expect((await dbns(['network', 'r'])).stdout).toMatch(
      /^zone b {2}10\.200\.0\.128\/25 {2}gateway 10\.200\.0\.129 on /m,
    );
    expect(await faultsOf('r')).toEqual([]);
    await expectArrives('r', 1);
    // Nobody's address is changed on the way, and out it is the machine's.
    expect(await seenFrom(nodePlace('r', 'node1'), nodePlace('r', 'node4'), '10.200.0.131')).toBe('10.200.0.2');
    expect(await seenFrom(MACHINE, nodePlace('r', 'node4'), '10.200.0.131')).toBe('10.200.0.129');
    expect(await seenFrom(nodePlace('r', 'node4'), OUTSIDE, OUTSIDE_ADDRESS)).toBe(MACHINE_ADDRESS);
  });

  test('a zone is cut off, and healed, with nothing left of it', async () => {
    const addresses = await addressesOf('r');
    const whole = await kernelNow();
    await dbns(['fault', 'partition', 'r', '--zone', 'a']);
    const pairs = ['node1', 'node2'].flatMap((one) =>
      ['node3', 'node4'].flatMap((two) => [`${one}>${two}`, `${two}>${one}`]),
    );
    expect(await cutPairs('r', addresses, PORT)).toEqual(pairs.sort());
    await dbns(['heal', 'r']);
    await dbns(['fault', 'slow', 'r', '--pair', 'a,b', '--loss', '100%']);
    expect(await cutPairs('r', addresses, PORT)).toEqual(pairs.sort());
    await dbns(['heal', 'r']);
    await expect.poll(async () => difference(whole, await kernelNow())).toBe('');
  });

  test('what somebody took away is made again: a bridge, a link', async () => {
    const { zones, endpoints } = await lookAt('r');
    await run(['ip', 'link', 'delete', zones[1]?.bridge ?? '']);
    await run(['ip', 'link', 'delete', endpoints[0]?.outside?.name ?? '']);
    expect(await faultsOf('r')).not.toEqual([]);
    await dbns(['start', 'r']);
    expect(await faultsOf('r')).toEqual([]);
    await expectArrives('r', 2);
  });

  test('a zone stops and starts, one comes where the fewest are, one goes, a port leads over', async () => {
    await dbns(['stop', 'r', '--zone', 'b']);
    expect((await statusOf('r')).nodes.map(({ process }) => process)).toEqual([
      'running',
      'running',
      'stopped',
      'stopped',
    ]);
    await dbns(['start', 'r']);
    await dbns(['remove', 'r', 'node2']);
    await dbns(['add', 'r']);
    expect(nodeOf(await statusOf('r'), 'node5').zone).toBe('a');
    await expectArrives('r', 3);
    await dbns(['expose', 'r', 'node4', '--host-port', '3399', '--bind', '0.0.0.0']);
    expect(await knockFrom(OUTSIDE, MACHINE_ADDRESS, 3399)).toBe('open');
    expect(await knockFrom(MACHINE, '127.0.0.1', 3399)).toBe('open');
  });
});

describe('a routed Galera', () => {
  beforeAll(async () => {
    await createPxc(['p', '--nodes', '2', '--layout', 'routed']);
    await makeTable('p');
  });
  afterAll(destroyAll);

  const node1 = nodePlace('p', 'node1');
  const node2 = nodePlace('p', 'node2');
  const [FIRST, SECOND] = ['10.200.0.2', '10.200.0.3'];

  test('has no bridge, and packets pass as they do on one', async () => {
    expect((await statusOf('p')).networks[0]).toMatchObject({ layout: 'routed', gateway: '10.200.0.1', bridge: null });
    expect((await run(['ip', '-brief', 'link', 'show', 'type', 'bridge'])).stdout).toBe('');
    expect((await run([...node1, 'ip', '-4', '-o', 'address', 'show', 'eth0'])).stdout).toContain(`${FIRST}/32`);
    expect(await faultsOf('p')).toEqual([]);
    expect((await wsrep(socketOf('p', 'node1'))).cluster_size).toBe('2');
    await expectArrives('p', 1);
    expect(await seenFrom(node1, node2, SECOND)).toBe(FIRST);
    expect(await seenFrom(MACHINE, node2, SECOND)).toBe('10.200.0.1');
    expect(await seenFrom(node1, OUTSIDE, OUTSIDE_ADDRESS)).toBe(MACHINE_ADDRESS);
    await run([...OUTSIDE, 'ip', 'route', 'add', '10.200.0.0/24', 'via', MACHINE_ADDRESS]);
    expect(await knockFrom(OUTSIDE, FIRST, 3306, NO_ANSWER)).toBe('no answer');
    await run([...OUTSIDE, 'ip', 'route', 'del', '10.200.0.0/24', 'via', MACHINE_ADDRESS]);
  });

  test('who is no node reaches clients’ ports, and not those where servers meet', async () => {
    await dbns(['attach', 'p', 'app', '--', 'sleep', '600']);
    const app = nodePlace('p', 'app');
    expect(await knockFrom(app, SECOND, 3306)).toBe('open');
    expect(await knockFrom(app, SECOND, 4567, NO_ANSWER)).toBe('no answer');
    expect(await knockFrom(node1, SECOND, 4567)).toBe('open');
    await dbns(['detach', 'p', 'app']);
  });

  test('what is for a node that has no carrier leaves by nobody’s uplink', async () => {
    await dbns(['fault', 'cut', 'p', 'node2']);
    expect(await knockFrom(MACHINE, SECOND, 3306, NO_ANSWER)).toBe('EHOSTUNREACH');
    const server = await answerAt(OUTSIDE, PORT);
    await run([...OUTSIDE, 'ip', 'address', 'add', `${SECOND}/32`, 'dev', 'lo']);
    expect(await askFrom(node1, SECOND, PORT, NO_ANSWER)).toBeNull();
    await run([...OUTSIDE, 'ip', 'address', 'del', `${SECOND}/32`, 'dev', 'lo']);
    await server.stop();
    await dbns(['heal', 'p', '--wait']);
    expect(await seenFrom(node1, node2, SECOND)).toBe(FIRST);
  });

  test('is mended by start, grows, and shuts its doors', async () => {
    const [link = '', other = ''] = (await lookAt('p')).endpoints.map(({ outside }) => outside?.name ?? '');
    await run(['ip', 'address', 'flush', 'dev', link]);
    expect(await faultsOf('p')).toEqual([
      `its end ${link} has not the address 10.200.0.1 that leads to ${FIRST}`,
      'node1 is apart',
    ]);
    await dbns(['stop', 'p']);
    await run(['ip', 'link', 'delete', other]);
    await dbns(['start', 'p']);
    expect(await faultsOf('p')).toEqual([]);
    await dbns(['add', 'p']);
    await expectArrives('p', 2);
    await dbns(['expose', 'p', 'node3', '--host-port', '3398', '--bind', '0.0.0.0']);
    expect(await knockFrom(OUTSIDE, MACHINE_ADDRESS, 3398)).toBe('open');
    expect(await knockFrom(MACHINE, '127.0.0.1', 3398)).toBe('open');
    await dbns(['remove', 'p', 'node3']);
    expect(await faultsOf('p')).toEqual([]);
  });
});

/** Each shape of each topology: forms, writes, stops and starts, gets one more, loses it. */
describe.runIf(THOROUGH)('every topology in every shape', () => {
  afterAll(destroyAll);

  const SHAPES = [
    ['--zones', '2'],
    ['--layout', 'routed'],
    ['--zones', '3', '--layout', 'routed'],
    ['--zones', '2', '--internal'],
  ];
  const TOPOLOGIES = [
    ['pxc', MARIADB],
    ['replication', MARIADB],
    ['replication', MYSQL],
    ['group', MYSQL],
  ] as const;
  const cases = TOPOLOGIES.flatMap(([topology, image]) => SHAPES.map((shape) => ({ topology, image, shape })));

  test.each(THOROUGH ? cases : [])(
    '$topology of $image $shape',
    { skip: !hasImages(MARIADB, MYSQL) },
    async ({ topology, image, shape }) => {
      await dbns([topology, 'create', 't', '--nodes', '3', '--image', image, ...shape]);
      await makeTable('t');
      await expectArrives('t', 1);
      await dbns(['stop', 't']);
      await dbns(['start', 't']);
      await dbns(['proxy', 'create', 't']);
      await dbns(['add', 't']);
      await dbns(['status', 't', '--check', '--timeout', '5m']);
      const uri = (await dbns(['uri', 't', 'proxy1'])).stdout.trim();
      await query(uri, 'INSERT INTO shapes.t VALUES (2)');
      await dbns(['remove', 't', 'node4']);
      expect(await faultsOf('t')).toEqual([]);
      await dbns(['destroy', 't', '--yes']);
      expectSameMachine(before, await snapshot());
    },
  );
});
