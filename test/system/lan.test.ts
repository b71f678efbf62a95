import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPxc, createReplication, MARIADB, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { difference } from './world/difference.js';
import { kernelNow } from './world/kernel.js';
import { FREE, giveAddress, LAN, layWire, MACHINE_THERE, raise, SOMEBODY_THERE, takeWire, WIRE } from './world/lan.js';
import { dbns, expectSameMachine, snapshot } from './world/machine.js';
import { cutPairs } from './world/mesh.js';
import { faultsOf, lookAt } from './world/network-report.js';
import { MACHINE, MACHINE_ADDRESS, nodePlace, OUTSIDE, OUTSIDE_ADDRESS } from './world/places.js';
import { expectArrives, makeTable } from './world/rows.js';
import { knockFrom, seenFrom } from './world/traffic.js';

// Nodes in a LAN: at a bridge of somebody else, and at one with an interface of the machine in it. Somebody is there.

const PORT = 7070;
const NO_ANSWER = 400; // ms after which none will come

let before = '';

const destroyAll = async () => {
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
};

const refused = async (words: readonly string[], expectExit: number) =>
  (await dbns(words, { expectExit })).stderr.replaceAll(/\[[\d.]+ s\].*\n/g, '');

beforeAll(layWire);
afterAll(takeWire);

describe('replication at a bridge of somebody else', () => {
  const node1 = nodePlace('r', 'node1');
  const bridgeNow = async () =>
    (await run(['ip', '-details', 'link', 'show', 'dev', 'br0'])).stdout.replace(/ gc_timer +\S+/, '');
  let bridge = '';

  beforeAll(async () => {
    await run(['ip', 'link', 'add', 'br0', 'type', 'bridge']);
    await raise('br0');
    await run(['ip', 'link', 'set', WIRE, 'master', 'br0']);
    await giveAddress('br0');
    before = await snapshot();
    bridge = await bridgeNow();
    await createReplication(MARIADB, ['r', '--nodes', '2', '--bridge-to', 'br0', '--ip', FREE]);
    await makeTable('r');
  });
  afterAll(async () => {
    await destroyAll();
    await run(['ip', 'link', 'delete', 'br0']);
  });

  test('nodes are in the LAN, and nobody’s address is changed', async () => {
    const { nodes, networks } = await statusOf('r');
    expect(nodes.map(({ address }) => address)).toEqual(['192.168.7.50', '192.168.7.51']);
    expect(networks[0]).toMatchObject({
      subnet: LAN,
      gateway: MACHINE_THERE,
      bridge: 'br0',
      lan: { to: 'br0', kind: 'bridge' },
    });
    expect((await dbns(['network', 'r'])).stdout).toContain('in the LAN of br0');
    expect(await faultsOf('r')).toEqual([]);
    expect(await bridgeNow()).toBe(bridge);
    await expectArrives('r', 1);
    expect(await seenFrom(OUTSIDE, node1, '192.168.7.50')).toBe(SOMEBODY_THERE);
    expect(await seenFrom(node1, OUTSIDE, SOMEBODY_THERE)).toBe('192.168.7.50');
    expect(await seenFrom(MACHINE, node1, '192.168.7.50')).toBe(MACHINE_THERE);
    expect(await knockFrom(OUTSIDE, '192.168.7.51', 3306)).toBe('open');
  });

  test('what a LAN can’t have is refused, and nothing is left of it', async () => {
    const whole = await kernelNow();
    const create = ['replication', 'create', 'q', '--nodes', '1', '--image', MARIADB, '--bridge-to'];
    expect(await refused([...create, 'br0', '--ip', `node1=${SOMEBODY_THERE}`], 5)).toMatch(
      /^Error: 192\.168\.7\.9, for node1, is somebody's in the LAN of br0 already: [0-9a-f:]{17} answers\./,
    );
    expect(await refused([...create, 'br0', '--ip', 'node1=192.168.7.50'], 5)).toContain("node1 of 'r' has it");
    expect(await refused([...create, 'br0', '--ip', `node1=${MACHINE_THERE}`], 2)).toContain('it is the gateway');
    expect(await refused([...create, 'br9', '--ip', FREE], 4)).toContain('no interface br9');
    expect(await refused([...create, 'lo', '--ip', FREE], 2)).toContain('no Ethernet frames');
    expect(await refused([...create, WIRE, '--ip', FREE], 5)).toContain(`${WIRE} is in br0 already.`);
    expect(await refused([...create, 'uplink0', '--ip', '198.51.100.7-198.51.100.8'], 5)).toContain('--force');
    expect(await refused(['expose', 'r', 'node1'], 2)).toContain('are in the LAN of br0 themselves');
    expect(await refused(['fault', 'partition', 'r', '--from', 'gateway', '--to', 'node1'], 2)).toContain(
      'what others there send',
    );
    expect(difference(whole, await kernelNow())).toBe('');
  });

  test('Wi-Fi is refused: an access point takes frames from one MAC', async () => {
    // The kernel's own mark of it, laid over the wire's place in sysfs.
    const place = `/sys/devices/virtual/net/${WIRE}`;
    await run(['ip', 'link', 'set', WIRE, 'nomaster']);
    await run(['mount', '-t', 'tmpfs', 'tmpfs', place]);
    await run(['mkdir', `${place}/phy80211`]);
    const create = ['replication', 'create', 'q', '--image', MARIADB, '--bridge-to', WIRE, '--ip', FREE];
    const said = await refused(create, 2).finally(() => run(['umount', place]));
    await run(['ip', 'link', 'set', WIRE, 'master', 'br0']);
    expect(said).toContain('it is Wi-Fi');
  });

  test('nodes are parted at their links, and from others as far as they send', async () => {
    const whole = await kernelNow();
    const addresses = { node1: '192.168.7.50', node2: '192.168.7.51' };
    await dbns(['fault', 'partition', 'r', '--side', 'node1']);
    expect(await cutPairs('r', addresses, PORT)).toEqual(['node1>node2', 'node2>node1']);
    expect(await knockFrom(OUTSIDE, '192.168.7.50', 3306)).toBe('open');
    await dbns(['heal', 'r']);
    await dbns(['fault', 'partition', 'r', '--from', 'node1', '--to', 'gateway']);
    expect(await knockFrom(OUTSIDE, '192.168.7.50', 3306, NO_ANSWER)).toBe('no answer');
    expect(await cutPairs('r', addresses, PORT)).toEqual([]);
    await dbns(['heal', 'r']);
    await expect.poll(async () => difference(whole, await kernelNow())).toBe('');
  });

  test('stops, is mended by start, grows and shrinks', async () => {
    const [link = ''] = (await lookAt('r')).endpoints.map(({ outside }) => outside?.name ?? '');
    await dbns(['stop', 'r']);
    await run(['ip', 'link', 'delete', link]);
    await dbns(['start', 'r']);
    await dbns(['add', 'r']);
    expect((await statusOf('r')).nodes.map(({ address }) => address)[2]).toBe('192.168.7.52');
    expect(await faultsOf('r')).toEqual([]);
    await expectArrives('r', 2);
    await dbns(['remove', 'r', 'node3']);
    expect(await faultsOf('r')).toEqual([]);
    expect(await knockFrom(OUTSIDE, '192.168.7.52', 3306, NO_ANSWER)).not.toBe('open');
    expect(await bridgeNow()).toBe(bridge);
  });
});

describe('Galera with an interface of the machine', () => {
  let bridge = '';
  const addressesAt = async (link: string) =>
    (await run(['ip', '-4', '-brief', 'address', 'show', 'dev', link])).stdout.trim().split(/ +/).slice(2).join(' ');
  const routesOf = async (link: string) => (await run(['ip', 'route', 'show', 'dev', link])).stdout.trim();

  beforeAll(async () => {
    await giveAddress(WIRE);
    before = await snapshot();
    await createPxc(['p', '--nodes', '2', '--bridge-to', WIRE, '--ip', FREE]);
    await makeTable('p');
    bridge = (await lookAt('p')).bridge ?? '';
  });
  afterAll(destroyAll);

  const expectMoved = async () => {
    expect(await addressesAt(WIRE)).toBe('');
    expect(await addressesAt(bridge)).toBe(`${MACHINE_THERE}/24`);
    expect(await routesOf(bridge)).toContain(`10.77.0.0/16 via ${SOMEBODY_THERE} src ${MACHINE_THERE} metric 77`);
    expect(await faultsOf('p')).toEqual([]);
  };

  test('it is in the cluster’s bridge, which has what it had', async () => {
    await expectMoved();
    await expectArrives('p', 1);
    const [, , mac = ''] = (await run(['ip', '-brief', 'link', 'show', 'dev', WIRE])).stdout.split(/ +/);
    expect((await run(['ip', '-brief', 'link', 'show', 'dev', bridge])).stdout).toContain(mac);
    const node2 = nodePlace('p', 'node2');
    expect(await seenFrom(OUTSIDE, node2, '192.168.7.51')).toBe(SOMEBODY_THERE);
    expect(await seenFrom(node2, OUTSIDE, SOMEBODY_THERE)).toBe('192.168.7.51');
    expect(await seenFrom(OUTSIDE, MACHINE, MACHINE_THERE)).toBe(SOMEBODY_THERE);
  });

  test('others of the LAN reach clients’ ports, and not those where servers meet', async () => {
    expect(await knockFrom(OUTSIDE, '192.168.7.51', 3306)).toBe('open');
    expect(await knockFrom(OUTSIDE, '192.168.7.51', 4567, NO_ANSWER)).toBe('no answer');
    expect(await knockFrom(nodePlace('p', 'node1'), '192.168.7.51', 4567)).toBe('open');
    await dbns(['attach', 'p', 'app', '--ip', '192.168.7.60', '--', 'sleep', '600']);
    const app = nodePlace('p', 'app');
    expect(await seenFrom(app, OUTSIDE, SOMEBODY_THERE)).toBe('192.168.7.60');
    expect(await knockFrom(app, '192.168.7.51', 4567, NO_ANSWER)).toBe('no answer');
    await dbns(['detach', 'p', 'app']);
  });

  test('a bridge that somebody deletes takes the addresses along, and start gives them back', async () => {
    await dbns(['stop', 'p']);
    await run(['ip', 'link', 'delete', bridge]);
    expect(await addressesAt(WIRE)).toBe('');
    await dbns(['start', 'p']);
    await expectMoved();
    await expectArrives('p', 2);
  });

  test('what came back to the interface by itself moves once more', async () => {
    await run(['ip', 'address', 'add', '192.168.7.3/24', 'dev', WIRE]);
    expect(await faultsOf('p')).toEqual([`the interface ${WIRE} has 192.168.7.3/24, which ${bridge} is to have`]);
    await dbns(['start', 'p']);
    expect(await faultsOf('p')).toEqual([]);
    expect(await addressesAt(bridge)).toBe(`${MACHINE_THERE}/24 192.168.7.3/24`);
    await run(['ip', 'address', 'delete', '192.168.7.3/24', 'dev', bridge]);
  });
});

describe('with the interface that leads out', () => {
  const [node1, NODE1] = [nodePlace('q', 'node1'), '198.51.100.7'];
  const words = ['q', '--nodes', '1', '--bridge-to', 'uplink0', '--ip', `${NODE1}-198.51.100.9`, '--force'];

  test('--force: the machine goes out by the bridge meanwhile, and by the interface again', async () => {
    before = await snapshot();
    await createReplication(MARIADB, words);
    const bridge = (await lookAt('q')).bridge ?? '';
    const ways = async () => (await run(['ip', 'route', 'show', 'default'])).stdout.trim();
    expect(await ways()).toBe(`default via ${OUTSIDE_ADDRESS} dev ${bridge}`);
    expect(await seenFrom(MACHINE, OUTSIDE, OUTSIDE_ADDRESS)).toBe(MACHINE_ADDRESS);
    expect(await seenFrom(node1, OUTSIDE, OUTSIDE_ADDRESS)).toBe(NODE1);
    expect(await seenFrom(OUTSIDE, node1, NODE1)).toBe(OUTSIDE_ADDRESS);
    // Another cluster goes out by it as the machine does.
    await createReplication(MARIADB, ['s', '--nodes', '1']);
    expect(await seenFrom(nodePlace('s', 'node1'), OUTSIDE, OUTSIDE_ADDRESS)).toBe(MACHINE_ADDRESS);
    await dbns(['destroy', 'q', '--yes']);
    expect(await ways()).toBe(`default via ${OUTSIDE_ADDRESS} dev uplink0`);
    await dbns(['start', 's']);
    expect(await seenFrom(nodePlace('s', 'node1'), OUTSIDE, OUTSIDE_ADDRESS)).toBe(MACHINE_ADDRESS);
    await destroyAll();
  });
});
