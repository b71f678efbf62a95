import { readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPxc, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, expectSameMachine, query, snapshot, uriOf } from './world/machine.js';
import { MACHINE, MACHINE_ADDRESS, nodePlace, OUTSIDE } from './world/places.js';
import { answerAt, askFrom, knockFrom } from './world/traffic.js';

// Ports of the machine that lead to nodes of a cluster with a way out, and to one of a cluster without: by packets.

const PORT = 8080;
const NO_ANSWER = 400; // ms after which none will come

const a1 = nodePlace('a', 'node1');
const b1 = nodePlace('b', 'node1');

let before = '';
/** What listens on the machine, without who. */
const listeners = async () =>
  (await run(['ss', '-Hltn'])).stdout
    .split('\n')
    .map((line) => line.split(/\s+/)[3])
    .sort();
let listening: unknown = [];

beforeAll(async () => {
  before = await snapshot();
  listening = await listeners();
  await createPxc(['a', '--nodes', '1']);
  await createPxc(['b', '--nodes', '1', '--internal']);
});

afterAll(async () => {
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
});

const routesLoopback = (bridge: string) =>
  readFileSync(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, 'utf8').trim();

async function bridgeOf(cluster: string): Promise<string> {
  return (await statusOf(cluster)).networks[0]?.bridge ?? '';
}

describe('a port of the machine', () => {
  test('is none of dbns’s unless one is asked for', async () => {
    expect(await listeners()).toEqual(listening);
    expect(await knockFrom(MACHINE, '127.0.0.1', 3306)).toBe('ECONNREFUSED');
  });

  test.each(['a', 'b'])('leads from 127.0.0.1 to a node of %s, and from nowhere else', async (cluster) => {
    await dbns(['expose', cluster, 'node1']);
    const uri = (await uriOf(cluster, 'node1')).replace(/@[^/]+\//, '@127.0.0.1:3306/');
    expect(await query(uri, 'SELECT @@hostname AS name')).toEqual([{ name: 'node1' }]);
    expect(await knockFrom(OUTSIDE, MACHINE_ADDRESS, 3306)).toBe('ECONNREFUSED');
    // Nor do nodes come to the machine's loopback, which its bridge would let them.
    const server = net.createServer((socket) => socket.end('machine')).listen(PORT, '127.0.0.1');
    await once(server, 'listening');
    const node = nodePlace(cluster, 'node1');
    await run([
      ...node,
      'ip',
      'route',
      'add',
      'table',
      '7',
      '127.0.0.0/8',
      'via',
      `10.200.${cluster === 'a' ? 0 : 1}.1`,
    ]);
    await run([
      ...node,
      'sh',
      '-c',
      'echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet; ip rule add to 127.0.0.1 dport 8080 lookup 7 pref 0; ip rule add pref 1 lookup local; ip rule del pref 0 lookup local',
    ]);
    expect(await askFrom(node, '127.0.0.1', PORT, NO_ANSWER)).toBeNull();
    const bridge = await bridgeOf(cluster);
    expect(routesLoopback(bridge)).toBe('1');
    await dbns(['unexpose', cluster, '--all']);
    expect(routesLoopback(bridge)).toBe('0');
    expect(await askFrom(node, '127.0.0.1', PORT, NO_ANSWER)).toBeNull();
    server.close();
    await run([
      ...node,
      'sh',
      '-c',
      'ip rule add pref 0 lookup local; ip rule del pref 1; ip rule del pref 0 lookup 7; ip route flush table 7; echo 0 > /proc/sys/net/ipv4/conf/all/route_localnet',
    ]);
    expect(await knockFrom(MACHINE, '127.0.0.1', 3306)).toBe('ECONNREFUSED');
    await expect.poll(listeners).toEqual(listening);
  });

  test.each([
    ['a', a1, MACHINE_ADDRESS],
    ['b', b1, '0.0.0.0'],
  ] as const)('leads to a node of %s from outside with --bind, and from the machine', async (cluster, node, bind) => {
    const server = await answerAt(node, PORT);
    await dbns(['expose', cluster, `node1:${PORT}`, '--bind', bind, '--host-port', '9000']);
    expect(await askFrom(OUTSIDE, MACHINE_ADDRESS, 9000)).not.toBeNull();
    expect(await askFrom(MACHINE, MACHINE_ADDRESS, 9000)).not.toBeNull();
    expect(await knockFrom(MACHINE, '127.0.0.1', 9000, 2000)).toBe(bind === '0.0.0.0' ? 'open' : 'ECONNREFUSED');
    expect(await knockFrom(OUTSIDE, MACHINE_ADDRESS, 3306)).toBe('ECONNREFUSED');
    // The other cluster does not get in by it.
    const [other, gateway] = cluster === 'a' ? [b1, '10.200.1.1'] : [a1, '10.200.0.1'];
    expect(await knockFrom(other, gateway, 9000, NO_ANSWER)).not.toBe('open');
    await dbns(['unexpose', cluster, 'node1']);
    expect(await knockFrom(OUTSIDE, MACHINE_ADDRESS, 9000)).toBe('ECONNREFUSED');
    await server.stop();
  });

  test('that can not be had is refused in a sentence, and nothing is left', async () => {
    const refused = async (words: readonly string[], exit: number, told: string | RegExp) => {
      const { stderr } = await dbns(['expose', ...words], { expectExit: exit });
      expect(stderr).toMatch(told);
    };
    const server = net.createServer().listen(3306, '127.0.0.1');
    await once(server, 'listening');
    await refused(
      ['a', 'node1'],
      5,
      new RegExp(`127\\.0\\.0\\.1:3306 is taken: .*\\(pid ${process.pid}\\) listens there`),
    );
    server.close();
    await refused(['a', 'node7'], 4, "no node 'node7'");
    await refused(['a', 'node1:0'], 2, 'ports are 1 to 65535');
    await refused(['a', 'node1:x'], 2, "node1 has no port 'x'");
    await refused(['a', 'node1', '--bind', 'lo'], 2, 'write an IPv4 address');
    await refused(['a', 'node1', '--bind', '999.0.0.1'], 2, 'write an IPv4 address');
    await refused(['a', 'node1', '--bind', '192.0.2.1'], 2, 'the machine has no such address');
    await refused(['a', 'node1', '--host-port', '70000'], 2, 'host-port');
    await refused(['a'], 2, 'one of both');
    await refused(['c', 'node1'], 4, "no cluster 'c'");
    await dbns(['expose', 'a', 'node1']);
    await refused(['b', 'node1'], 5, "leads to node1 of 'a' already");
    await dbns(['unexpose', 'a', '--all']);
    await dbns(['unexpose', 'a', '--all'], { expectExit: 4 });
    expect((await statusOf('a')).exposures).toEqual([]);
  });

  test('is there again after a reboot and start; its keeper may be killed at any moment', async () => {
    await dbns(['expose', 'a', 'node1', '--host-port', '3399']);
    const keeper = async () => (await statusOf('a')).keeper?.pid ?? 0;
    const first = await keeper();
    process.kill(first, 'SIGKILL');
    await expect.poll(keeper).not.toBe(first);
    await expect
      .poll(async () => (await run(['ss', '-Hltn', 'sport', '=', ':3399'])).stdout)
      .toContain('127.0.0.1:3399');
    expect(await knockFrom(MACHINE, '127.0.0.1', 3399)).toBe('open');
    // All that a reboot takes, but for the machine: processes, links, namespaces, tables, /run.
    const { nodes, networks, keeper: second } = await statusOf('a');
    process.kill(second?.pid ?? 0, 'SIGKILL');
    await run([
      'bash',
      '-c',
      `ip netns pids ${nodes[0]?.namespace ?? ''} | xargs -r kill -9; ip netns delete ${nodes[0]?.namespace ?? ''}; ip link delete ${networks[0]?.bridge ?? ''}; nft delete table inet dbns-a`,
    ]);
    rmSync('/run/dbns/a', { recursive: true });
    await dbns(['start', 'a']);
    await expect.poll(() => knockFrom(MACHINE, '127.0.0.1', 3399)).toBe('open');
    process.kill(await keeper(), 'SIGKILL');
    await dbns(['destroy', 'a']);
    expect(await listeners()).toEqual(listening);
  });
});
