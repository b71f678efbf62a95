import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askAt, createPxc, createReplication, MARIADB, nodeOf, statusOf, wsrep } from './world/cluster.js';
import { run } from './world/command.js';
import { difference } from './world/difference.js';
import { kernelNow } from './world/kernel.js';
import { dbns, expectSameMachine, snapshot, socketOf } from './world/machine.js';
import { cutPairs } from './world/mesh.js';
import { faultsOf, lookAt } from './world/network-report.js';
import { MACHINE, MACHINE_ADDRESS, nodePlace, OUTSIDE, OUTSIDE_ADDRESS, type Place } from './world/places.js';
import { expectArrives, makeTable } from './world/rows.js';
import { answerAt, askFrom, knockFrom, seenFrom } from './world/traffic.js';

// Networks of other shapes than one bridge: zones, and links that the machine routes. What passes is asked of the kernel by packets.

const PORT = 7070;
const NO_ANSWER = 400; // ms after which none will come

let before = '';

/** The outside by IPv6 (RFC 3849), where nobody knows a way to a cluster. */
const [MACHINE6, OUTSIDE6] = ['2001:db8::2', '2001:db8::1'];

beforeAll(async () => {
  await run(['ip', 'address', 'add', `${MACHINE6}/64`, 'dev', 'uplink0', 'nodad']);
  await run([...OUTSIDE, 'ip', 'address', 'add', `${OUTSIDE6}/64`, 'dev', 'outside0', 'nodad']);
  await run(['ip', '-6', 'route', 'add', 'default', 'via', OUTSIDE6]);
  before = await snapshot();
});

const destroyAll = async () => {
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
};

const addressesOf = async (cluster: string) =>
  Object.fromEntries((await statusOf(cluster)).nodes.map(({ name, address }) => [name, address]));

const ipv6sOf = async (cluster: string) =>
  Object.fromEntries((await statusOf(cluster)).nodes.map(({ name, ipv6 }) => [name, ipv6 ?? '']));

/** Where a client says that it is, that goes by the URI that `uri --ipv6` prints. */
async function loginBy(place: Place, cluster: string, node: string): Promise<unknown> {
  const uri = (await dbns(['uri', cluster, node, '--ipv6'])).stdout.trim();
  expect(uri).toMatch(/@\[fddb:[0-9a-f:]+\]:3306\//);
  const [row] = await askAt(place, uri, 'SELECT @@hostname AS host');
  return row?.host;
}

describe('replication in two zones', () => {
  beforeAll(async () => {
    await createReplication(MARIADB, ['r', '--nodes', '4', '--zones', '2', '--zone', 'node3=b', '--ipv6']);
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

  test('all of that by IPv6 too, and no other cluster, nor anybody outside, comes in by it', async () => {
    const [network] = (await statusOf('r')).networks;
    const head = (network?.ipv6 ?? '').replace('::/64', ':0');
    const addresses = await ipv6sOf('r');
    expect(Object.values(addresses)).toEqual(['a::2', 'a::3', 'b::130', 'b::131'].map((own) => `${head}:${own}`));
    const { node1 = '', node4 = '' } = addresses;
    const [first, fourth] = [nodePlace('r', 'node1'), nodePlace('r', 'node4')];
    for (const place of [MACHINE, first]) expect(await loginBy(place, 'r', 'node4')).toBe('node4');
    expect(await seenFrom(first, fourth, node4)).toBe(node1);
    expect(await seenFrom(MACHINE, fourth, node4)).toBe(`${head}:b::129`);
    expect(await seenFrom(fourth, OUTSIDE, OUTSIDE6)).toBe(MACHINE6);
    expect((await run([...first, 'getent', 'ahostsv6', 'node4'])).stdout).toContain(node4);
    await createReplication(MARIADB, ['s', '--nodes', '1', '--ipv6']);
    const there = (await ipv6sOf('s')).node1 ?? '';
    expect(await loginBy(nodePlace('s', 'node1'), 's', 'node1')).toBe('node1');
    expect(await knockFrom(first, there, 3306, NO_ANSWER)).toBe('no answer');
    expect(await knockFrom(nodePlace('s', 'node1'), node1, 3306, NO_ANSWER)).toBe('no answer');
    await run([...OUTSIDE, 'ip', 'route', 'add', 'fddb::/16', 'via', MACHINE6]);
    expect(await knockFrom(OUTSIDE, node1, 3306, NO_ANSWER)).toBe('no answer');
    await run([...OUTSIDE, 'ip', 'route', 'del', 'fddb::/16', 'via', MACHINE6]);
    await dbns(['link', 's', 'r', '--to', 'node1']);
    expect(await knockFrom(nodePlace('s', 'node1'), node1, 3306)).toBe('open');
    expect(await knockFrom(nodePlace('s', 'node1'), node4, 3306, NO_ANSWER)).toBe('no answer');
    await dbns(['destroy', 's', '--yes']);
  });

  test('a zone is cut off, and healed, with nothing left of it', async () => {
    const [addresses, ipv6s] = [await addressesOf('r'), await ipv6sOf('r')];
    const whole = await kernelNow();
    await dbns(['fault', 'partition', 'r', '--zone', 'a']);
    const pairs = ['node1', 'node2'].flatMap((one) =>
      ['node3', 'node4'].flatMap((two) => [`${one}>${two}`, `${two}>${one}`]),
    );
    expect(await cutPairs('r', addresses, PORT)).toEqual(pairs.sort());
    expect(await cutPairs('r', ipv6s, PORT)).toEqual(pairs);
    await dbns(['heal', 'r']);
    expect(await cutPairs('r', ipv6s, PORT)).toEqual([]);
    await dbns(['fault', 'slow', 'r', '--pair', 'a,b', '--loss', '100%']);
    for (const family of [addresses, ipv6s]) expect(await cutPairs('r', family, PORT)).toEqual(pairs.sort());
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
    for (const node of ['node1', 'node4']) expect(await loginBy(nodePlace('r', 'node3'), 'r', node)).toBe(node);
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
    expect(await loginBy(nodePlace('r', 'node4'), 'r', 'node5')).toBe('node5');
    await expectArrives('r', 3);
    await dbns(['expose', 'r', 'node4', '--host-port', '3399', '--bind', '0.0.0.0']);
    expect(await knockFrom(OUTSIDE, MACHINE_ADDRESS, 3399)).toBe('open');
    expect(await knockFrom(MACHINE, '127.0.0.1', 3399)).toBe('open');
  });
});

describe('a routed Galera', () => {
  beforeAll(async () => {
    await createPxc(['p', '--nodes', '2', '--layout', 'routed', '--ipv6']);
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
    const ipv6s = await ipv6sOf('p');
    for (const place of [MACHINE, node2]) expect(await loginBy(place, 'p', 'node1')).toBe('node1');
    expect(await seenFrom(node1, node2, ipv6s.node2 ?? '')).toBe(ipv6s.node1);
    expect(await seenFrom(node1, OUTSIDE, OUTSIDE6)).toBe(MACHINE6);
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
    const { node2: second = '' } = await ipv6sOf('p');
    expect(await knockFrom(app, second, 3306)).toBe('open');
    expect(await knockFrom(app, second, 4567, NO_ANSWER)).toBe('no answer');
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
    const { node1: first6, node2: second6 = '' } = await ipv6sOf('p');
    expect(await knockFrom(node1, second6, 3306, NO_ANSWER)).toBe('no answer');
    // Told at the second attempt: at the first the socket is busy with connecting (tcp_v6_err).
    expect(await knockFrom(MACHINE, second6, 3306, 5000)).toBe('EHOSTUNREACH');
    await dbns(['heal', 'p', '--wait']);
    expect(await seenFrom(node1, node2, SECOND)).toBe(FIRST);
    expect(await seenFrom(node1, node2, second6)).toBe(first6);
  });

  test('is mended by start, grows, and shuts its doors', async () => {
    const { node1: first6 = '' } = await ipv6sOf('p');
    const gateway6 = first6.replace(/2$/, '1');
    const [link = '', other = ''] = (await lookAt('p')).endpoints.map(({ outside }) => outside?.name ?? '');
    await run(['ip', 'address', 'flush', 'dev', link]);
    expect(await faultsOf('p')).toEqual([
      `its end ${link} has not the address 10.200.0.1 that leads to ${FIRST}, and ${gateway6} that leads to ${first6}`,
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
