import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReplication, MARIADB, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { DNSMASQ, startDhcpServer } from './world/dhcp-server.js';
import { difference } from './world/difference.js';
import { kernelNow } from './world/kernel.js';
import { giveAddress, layWire, SOMEBODY_THERE, takeWire, WIRE } from './world/lan.js';
import { dbns, expectSameMachine, inNode, snapshot } from './world/machine.js';
import { faultsOf, lookAt } from './world/network-report.js';
import { nodePlace, OUTSIDE } from './world/places.js';
import { makeTable, expectArrives } from './world/rows.js';
import { seenFrom } from './world/traffic.js';

// Nodes that have their addresses of a LAN's DHCP server, at an interface of the machine.

const LEASES = '/run/test-world/leases';
const RANGE = '192.168.7.100,192.168.7.120';

describe.skipIf(DNSMASQ === null)('addresses by DHCP', () => {
  let before = '';
  let server: Awaited<ReturnType<typeof startDhcpServer>>;

  beforeAll(async () => {
    await layWire();
    await giveAddress(WIRE);
    before = await snapshot();
  });
  afterAll(async () => {
    await dbns(['destroy', '--all', '--yes']);
    await server.stop();
    expectSameMachine(before, await snapshot());
    await takeWire();
  });

  const nodesNow = async () => (await statusOf('d')).nodes;
  const clientsNow = async () =>
    (await run(['pgrep', '--full', '--list-full', '^udhcpc '], { expectExit: 'any' })).stdout
      .trim()
      .split('\n')
      .filter(Boolean);

  /** Each node has what the server gave to its MAC, and a client that goes on. */
  async function expectGiven(): Promise<void> {
    const leases = await server.leases();
    const { endpoints } = await lookAt('d');
    for (const { mac, address } of endpoints) expect(leases.get(mac)).toBe(address);
    expect(await clientsNow()).toHaveLength(endpoints.length);
    expect(await faultsOf('d')).toEqual([]);
  }

  test('nobody answers: exit 6, and nothing is left', async () => {
    const whole = await kernelNow();
    const words = ['d', '--nodes', '2', '--image', MARIADB, '--bridge-to', WIRE, '--ip', 'dhcp', '--timeout', '4s'];
    const { stderr } = await dbns(['replication', 'create', ...words], { expectExit: 6 });
    expect(stderr).toMatch(/No DHCP server in the LAN of lan0 gives d-node\d an address\./);
    expect(difference(whole, await kernelNow())).toBe('');
    expectSameMachine(before, await snapshot());
    server = await startDhcpServer(LEASES, RANGE);
  });

  test('nodes are configured by what they got, and go on asking', async () => {
    await createReplication(MARIADB, ['d', '--nodes', '2', '--bridge-to', WIRE, '--ip', 'dhcp']);
    const { networks } = await statusOf('d');
    expect(networks[0]).toMatchObject({
      subnet: '192.168.7.0/24',
      gateway: SOMEBODY_THERE,
      lan: { dhcp: true, range: null },
    });
    await expectGiven();
    await makeTable('d');
    await expectArrives('d', 1);
    const [address = ''] = (await nodesNow()).map((node) => node.address);
    expect(await seenFrom(OUTSIDE, nodePlace('d', 'node1'), address)).toBe(SOMEBODY_THERE);
    expect((await inNode('d', 'node1', ['ip', 'route', 'show', 'default'])).stdout).toContain(`via ${SOMEBODY_THERE}`);
  });

  test('so do those that come, and they go with their clients', async () => {
    const { stderr } = await dbns(['add', 'd', '--ip', '192.168.7.99'], { expectExit: 2 });
    expect(stderr).toContain('have their addresses by DHCP');
    await dbns(['add', 'd']);
    await expectGiven();
    await expectArrives('d', 2);
    await dbns(['remove', 'd', 'node3']);
    await expectGiven();
  });

  test('a client that somebody ended is told, and start brings another', async () => {
    const [node] = await nodesNow();
    const inIt = (await run(['ip', 'netns', 'pids', node?.namespace ?? ''])).stdout.trim().split('\n');
    const clients = (await clientsNow()).map((line) => line.split(' ')[0] ?? '');
    for (const pid of clients.filter((one) => inIt.includes(one))) process.kill(Number(pid), 'SIGKILL');
    const address = node?.address ?? '';
    expect(await faultsOf('d')).toEqual([`no DHCP client renews ${address}: the server may give it to somebody else`]);
    await dbns(['start', 'd']);
    await expectGiven();
  });

  test('start takes the same address again, and says so when another is given', async () => {
    const addresses = (await nodesNow()).map((node) => node.address);
    const namespaces = (await nodesNow()).map((node) => node.namespace);
    const reboot = async () => {
      await dbns(['stop', 'd']);
      await run(['pkill', '--full', '^udhcpc ']);
      for (const name of namespaces) await run(['ip', 'netns', 'delete', name]);
    };
    await reboot();
    await dbns(['start', 'd']);
    expect((await nodesNow()).map((node) => node.address)).toEqual(addresses);
    await expectGiven();
    await expectArrives('d', 3);
    await reboot();
    await server.stop();
    await rm(LEASES);
    server = await startDhcpServer(LEASES, '192.168.7.140,192.168.7.150');
    const { stderr } = await dbns(['start', 'd'], { expectExit: 5 });
    expect(stderr).toMatch(/gives node\d 192\.168\.7\.1[45]\d by now, and not 192\.168\.7\.1[012]\d/);
  });
});
