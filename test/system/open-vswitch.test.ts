import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MARIADB, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { difference } from './world/difference.js';
import { kernelNow } from './world/kernel.js';
import { FREE, layWire, MACHINE_THERE, raise, SOMEBODY_THERE, takeWire, WIRE } from './world/lan.js';
import { dbns, expectSameMachine, query, snapshot, socketOf } from './world/machine.js';
import { faultsOf, lookAt } from './world/network-report.js';
import {
  addBridge,
  HAS_OPEN_VSWITCH,
  startOpenVswitch,
  stopOpenVswitch,
  takeBridge,
  vsctl,
} from './world/open-vswitch.js';
import { MACHINE, nodePlace, OUTSIDE } from './world/places.js';
import { expectArrives, makeTable } from './world/rows.js';
import { knockFrom, seenFrom } from './world/traffic.js';

// Nodes at a bridge of Open vSwitch, where a process passes packets on: what the kernel has no part in.

const NO_ANSWER = 400; // ms after which none will come

describe.skipIf(!HAS_OPEN_VSWITCH)('replication at a bridge of Open vSwitch', () => {
  let before = '';
  const ports = async () => (await vsctl('list-ports', 'br1')).split('\n');
  const refused = async (words: readonly string[], expectExit: number) => (await dbns(words, { expectExit })).stderr;

  beforeAll(async () => {
    await layWire();
    await startOpenVswitch();
    await addBridge();
    before = await snapshot();
  });
  afterAll(async () => {
    await dbns(['destroy', '--all', '--yes']);
    expect(await ports()).toEqual([WIRE]);
    expectSameMachine(before, await snapshot());
    await stopOpenVswitch();
    await takeBridge();
    await takeWire();
  });

  test('nodes are in the LAN, by ports with the cluster’s mark', async () => {
    const words = ['o', '--nodes', '2', '--image', MARIADB, '--bridge-to', 'br1', '--ip', FREE];
    const { stderr } = await dbns(['replication', 'create', ...words]);
    expect(stderr).toContain('Packets at br1 do not meet nft.');
    const { networks } = await statusOf('o');
    expect(networks[0]).toMatchObject({ bridge: 'br1', lan: { to: 'br1', kind: 'openvswitch', userspace: true } });
    const { endpoints } = await lookAt('o');
    expect(endpoints.map(({ outside }) => outside?.port)).toEqual(['forwarding', 'forwarding']);
    expect(await ports()).toEqual([...endpoints.map(({ outside }) => outside?.name), WIRE].sort());
    expect(await faultsOf('o')).toEqual([]);
    await makeTable('o');
    await expectArrives('o', 1);
    const node1 = nodePlace('o', 'node1');
    expect(await seenFrom(OUTSIDE, node1, '192.168.7.50')).toBe(SOMEBODY_THERE);
    expect(await seenFrom(node1, OUTSIDE, SOMEBODY_THERE)).toBe('192.168.7.50');
    expect(await seenFrom(MACHINE, node1, '192.168.7.50')).toBe(MACHINE_THERE);
  });

  test('what can’t be had there is refused, and nothing is left of it', async () => {
    const whole = [await kernelNow(), await vsctl('show')];
    const create = ['replication', 'create', 'q', '--nodes', '1', '--image', MARIADB, '--bridge-to'];
    expect(await refused([...create, 'br1', '--ip', `node1=${SOMEBODY_THERE}`], 5)).toContain(
      "is somebody's in the LAN",
    );
    expect(await refused([...create, WIRE, '--ip', FREE], 5)).toContain(`${WIRE} is in br1 already.`);
    expect(await refused(['fault', 'partition', 'o', '--side', 'node1'], 2)).toContain('do not meet nft');
    expect(await refused(['fault', 'slow', 'o', '--pair', 'node1,node2', '--loss', '5%'], 2)).toContain(
      'do not meet nft',
    );
    expect(difference(whole.join('\n'), [await kernelNow(), await vsctl('show')].join('\n'))).toBe('');
  });

  test('a link is cut, and one is made narrow', async () => {
    await dbns(['fault', 'cut', 'o', 'node2']);
    expect(await knockFrom(OUTSIDE, '192.168.7.51', 3306, NO_ANSWER)).toBe('no answer');
    await dbns(['heal', 'o']);
    expect(await knockFrom(OUTSIDE, '192.168.7.51', 3306, 2000)).toBe('open');
    await dbns(['fault', 'slow', 'o', '--pair', 'node1,node2', '--rate', '200kbit']);
    const began = performance.now();
    const bulk = `INSERT INTO lab.t VALUES ${Array.from({ length: 3000 }, (_, at) => `(${at + 100})`).join(',')}`;
    await query(socketOf('o', 'node1'), bulk);
    await expectArrives('o', 2);
    expect(performance.now() - began).toBeGreaterThan(500);
    await dbns(['heal', 'o']);
  });

  test('stops, is mended by start, grows and shrinks', async () => {
    const [link = '', other = ''] = (await lookAt('o')).endpoints.map(({ outside }) => outside?.name ?? '');
    await dbns(['stop', 'o']);
    await run(['ip', 'link', 'delete', link]);
    await vsctl('del-port', other);
    expect(await faultsOf('o')).toContain(`its end ${other} is not plugged into br1`);
    await dbns(['start', 'o']);
    await dbns(['add', 'o']);
    expect(await ports()).toHaveLength(4);
    expect(await faultsOf('o')).toEqual([]);
    await expectArrives('o', 4);
    await dbns(['remove', 'o', 'node3']);
    expect(await ports()).toEqual([link, other, WIRE].sort());
  });

  test('after a reboot its ports are there, and nothing else: start takes them, destroy without a journal takes them out', async () => {
    await dbns(['stop', 'o']);
    const namespaces = (await statusOf('o')).nodes.map(({ namespace }) => namespace);
    await stopOpenVswitch();
    for (const name of namespaces) await run(['ip', 'netns', 'delete', name]);
    await startOpenVswitch();
    expect(await ports()).toHaveLength(3);
    await raise('br1');
    await dbns(['start', 'o']);
    expect(await faultsOf('o')).toEqual([]);
    await expectArrives('o', 5);
    await rm('/var/lib/dbns/clusters/o/journal.json');
    await dbns(['destroy', 'o']);
    expect(await ports()).toEqual([WIRE]);
  });
});
