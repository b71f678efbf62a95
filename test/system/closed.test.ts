import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { argvOf, createPxc, nodeOf, startByHand, wsrep } from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, keepMachineClean, outside, query, socketOf } from './world/machine.js';
import { MACHINE, MACHINE_ADDRESS, nodePlace, OUTSIDE, OUTSIDE_ADDRESS, SOMEBODY, type Place } from './world/places.js';
import { answerAt, askFrom, knockFrom } from './world/traffic.js';

const PORT = 8080;
const NO_ANSWER = 400; // ms after which none will come

const sh = (script: string) => run(['bash', '-c', script]);
const sysctl = (path: string) => readFileSync(`/proc/sys/net/ipv4/${path}`, 'utf8').trim();
const ipForward = () => sysctl('ip_forward');
const forwards = (link: string) => sysctl(`conf/${link}/forwarding`);
const setForward = (value: '0' | '1') => sh(`echo ${value} > /proc/sys/net/ipv4/ip_forward`);
const guard = async () => (await run(['nft', 'list', 'table', 'ip', 'dbns'], { expectExit: 'any' })).stdout;
const a1 = nodePlace('a', 'node1');

/** Something answers at places while `act` looks. */
async function whileAnswering(places: readonly Place[], act: () => Promise<void>, port = PORT): Promise<void> {
  const servers = await Promise.all(places.map((place) => answerAt(place, port)));
  try {
    await act();
  } finally {
    for (const server of servers) await server.stop();
  }
}

/** Another network of the machine, NUMBER's, with a host in it that counts what reaches it from outside. */
interface Neighbour {
  readonly place: Place;
  readonly address: string;
  readonly link: string;
  arrivals(): Promise<number>;
}

async function addNeighbour(number: number): Promise<Neighbour> {
  const [name, link, address] = [`lan${number}`, `lan${number}n0`, `203.0.113.${number * 16 + 2}`];
  const gateway = `203.0.113.${number * 16 + 1}`;
  await run(['ip', '-batch', '-'], {
    input: `netns add ${name}
      link add ${link} type veth peer name eth0 netns ${name}
      link set ${link} addrgenmode none up
      address add ${gateway}/28 dev ${link}\n`,
  });
  const place = ['ip', 'netns', 'exec', name];
  await run(['ip', '-n', name, '-batch', '-'], {
    input: `link set lo up\n link set eth0 addrgenmode none up\n address add ${address}/28 dev eth0\n route add default via ${gateway}\n`,
  });
  await run([...place, 'nft', '-f', '-'], {
    input: `table ip t { chain c { type filter hook input priority 0; ip saddr ${OUTSIDE_ADDRESS} counter; }; }`,
  });
  const arrivals = async () => {
    const { stdout } = await run([...place, 'nft', 'list', 'table', 'ip', 't']);
    return Number(/packets (\d+)/.exec(stdout)?.[1]);
  };
  return { place, address, link, arrivals };
}

let lan: Neighbour, quiet: Neighbour;

// Before the machine is looked at: it has them from the beginning.
beforeAll(async () => {
  lan = await addNeighbour(1);
  quiet = await addNeighbour(2);
  for (const subnet of ['203.0.113.0/24', '10.200.0.0/16'])
    await outside(['ip', 'route', 'add', subnet, 'via', MACHINE_ADDRESS]);
});
keepMachineClean();

describe('the machine', () => {
  test('is no router between its other networks for having a cluster with NAT', async () => {
    await createPxc(['inner', '--nodes', '1', '--internal']);
    expect(forwards('uplink0')).toBe('0');
    await createPxc(['a', '--nodes', '1']);
    expect([ipForward(), forwards('uplink0'), forwards(lan.link)]).toEqual(['0', '1', '0']);
    await whileAnswering([OUTSIDE, lan.place, a1], async () => {
      expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
      expect(await askFrom(MACHINE, lan.address, PORT)).toBe('203.0.113.17');
      for (const [from, to] of [
        [OUTSIDE, lan.address],
        [OUTSIDE, '10.200.1.2'],
        [lan.place, OUTSIDE_ADDRESS],
        [lan.place, '10.200.1.2'],
        [a1, lan.address],
      ] as const)
        expect(await askFrom(from, to, PORT, NO_ANSWER), `${from.join(' ')} → ${to}`).toBeNull();
    });
    // Not a single packet, be there a way back or not.
    expect(await lan.arrivals()).toBe(0);
    await createPxc(['b', '--nodes', '1']);
    await dbns(['destroy', 'a']);
    expect([forwards('uplink0'), await guard()]).toEqual(['1', expect.stringContaining('jump uplink')]);
    await dbns(['destroy', 'b']);
    expect([forwards('uplink0'), await guard()]).toEqual(['0', '']);
  });

  test('and who makes it one later is not cut off', async () => {
    await createPxc(['a', '--nodes', '1']);
    await setForward('1');
    const published = `table ip pub { chain p { type nat hook prerouting priority dstnat; iifname "uplink0" tcp dport 80 dnat to ${lan.address}:${PORT}; }; }`;
    await run(['nft', '-f', '-'], { input: published });
    await whileAnswering([OUTSIDE, lan.place, quiet.place], async () => {
      expect(await askFrom(OUTSIDE, MACHINE_ADDRESS, 80), 'a published port').toBe(OUTSIDE_ADDRESS);
      expect(await askFrom(lan.place, OUTSIDE_ADDRESS, PORT), 'a way out').toBe(lan.address);
      expect(await askFrom(OUTSIDE, lan.address, PORT), 'a way in to who got out').toBe(OUTSIDE_ADDRESS);
      await dbns(['status']);
      expect(await askFrom(OUTSIDE, quiet.address, PORT), 'any way, once dbns has looked').toBe(OUTSIDE_ADDRESS);
      expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
      expect(await askFrom(OUTSIDE, '10.200.0.2', 3306, NO_ANSWER)).toBeNull();
    });
    expect(await guard()).toBe('');
    await createPxc(['b', '--nodes', '1']);
    expect(await guard()).toBe('');
    await dbns(['destroy', '--all', '--yes']);
    expect([ipForward(), forwards('uplink0')]).toEqual(['1', '1']);
    await sh('nft delete table ip pub');
    await setForward('0');
  });

  test('that lost what a cluster needs is mended by doctor --fix', async () => {
    await createPxc(['a', '--nodes', '1']);
    await run(['nft', 'flush', 'ruleset']);
    await setForward('1');
    await setForward('0'); // turns all off
    await sh('echo 1 > /proc/sys/net/ipv4/conf/uplink0/forwarding');
    const told = await networkChecks();
    expect(told).toEqual([
      expect.stringMatching(/^the nft table ip dbns is gone, or lacks uplink0: /),
      expect.stringMatching(/^'a': its nft table dbns-a is gone.*do not get out: .* on dbns[0-9a-f]{5}$/),
    ]);
    const arrived = await quiet.arrivals();
    await knockFrom(OUTSIDE, quiet.address, PORT, NO_ANSWER);
    expect(await quiet.arrivals(), 'without the guard packets come in').toBeGreaterThan(arrived);
    const { json } = await dbns(['doctor', '--fix', '--json'], { expectExit: 'any' });
    expect((json as { fixed: string[] }).fixed).toEqual(told);
    expect(await networkChecks()).toEqual(['as they were made']);
    await whileAnswering([OUTSIDE, a1], async () => {
      expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
      const guarded = await quiet.arrivals();
      expect(await askFrom(OUTSIDE, quiet.address, PORT, NO_ANSWER)).toBeNull();
      expect(await askFrom(OUTSIDE, '10.200.0.2', PORT, NO_ANSWER)).toBeNull();
      expect(await quiet.arrivals()).toBe(guarded);
      expect(await knockFrom(SOMEBODY, '10.200.0.2', 4567)).toBe('ECONNREFUSED');

      // Where the journal lost it, the guard itself still knows.
      const journal = '/var/lib/dbns/shared.json';
      const content = JSON.parse(readFileSync(journal, 'utf8')) as { entries: { resource: { kind: string } }[] };
      const entries = content.entries.filter(({ resource }) => resource.kind !== 'uplink');
      writeFileSync(journal, JSON.stringify({ ...content, entries }));
      expect(await networkChecks()).toEqual([expect.stringContaining('drops what comes in by uplink0')]);
      await dbns(['doctor', '--fix'], { expectExit: 'any' });
      expect(await networkChecks()).toEqual(['as they were made']);
      expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
    });
  });

  async function networkChecks(): Promise<string[]> {
    const { json } = await dbns(['doctor', '--json'], { expectExit: 'any' });
    const { checks } = json as { checks: { name: string; found: string }[] };
    return checks.filter(({ name }) => name === 'cluster networks').map(({ found }) => found);
  }
});

test('uplinks with dots in their names, that are bridges, that forward already, that go', async () => {
  const bridged = '/proc/sys/net/bridge/bridge-nf-call-iptables';
  await sh(`
    echo 1 > /proc/sys/net/ipv4/conf/uplink0/forwarding
    ip link add eth0.100 type veth peer name eth0.101
    ip link add lan0 type bridge
    for link in eth0.100 eth0.101 lan0; do ip link set $link addrgenmode none up; done
    ip address add 192.0.2.1/28 dev eth0.100
    ip address add 192.0.2.17/28 dev lan0
    for name in left right; do
      ip netns add $name
      ip link add $name type veth peer name eth0 netns $name
      ip link set $name addrgenmode none master lan0 up
      ip -n $name link set eth0 up
    done
    ip -n left address add 192.0.2.18/28 dev eth0
    ip -n right address add 192.0.2.19/28 dev eth0
    ip route replace default nexthop via ${OUTSIDE_ADDRESS} nexthop via 192.0.2.2 nexthop via 192.0.2.18`);
  const before = existing(bridged);
  if (before !== null) await sh(`echo 1 > ${bridged}`);
  try {
    await createPxc(['a', '--nodes', '1']);
    expect(['uplink0', 'eth0.100', 'lan0'].map(forwards)).toEqual(['1', '1', '1']);
    expect(await guard()).toMatch(/iifname \{ ("eth0\.100", "lan0"|"lan0", "eth0\.100") \} jump uplink/);
    const right = ['ip', 'netns', 'exec', 'right'];
    await whileAnswering([right], async () => {
      const left = ['ip', 'netns', 'exec', 'left'];
      expect(await askFrom(left, '192.0.2.19', PORT), 'what the bridge passes on').toBe('192.0.2.18');
    });
    await sh('ip link delete eth0.100');
    await dbns(['destroy', 'a']);
    expect(['uplink0', 'lan0'].map(forwards)).toEqual(['1', '0']);
  } finally {
    if (before !== null) await sh(`echo ${before} > ${bridged}`);
    await sh(`ip link delete lan0; ip netns delete left; ip netns delete right
      ip route replace default via ${OUTSIDE_ADDRESS}; echo 0 > /proc/sys/net/ipv4/conf/uplink0/forwarding`);
  }
});

test('where nothing of the kernel can be set, create says so, and doctor before it', async () => {
  await sh('mount --no-mtab --bind /proc/sys /proc/sys; mount --no-mtab -o remount,bind,ro /proc/sys');
  try {
    const { stderr } = await dbns(['pxc', 'create', 'a', '--nodes', '1'], { expectExit: 3 });
    expect(stderr).toContain('Read-only: /proc/sys/net/ipv4/conf/uplink0/forwarding');
    expect((await dbns(['list', '--json'])).json).toEqual({ clusters: [] });
    const { json } = await dbns(['doctor', '--json'], { expectExit: 3 });
    const { checks } = json as { checks: { name: string; state: string }[] };
    expect(checks).toContainEqual(expect.objectContaining({ name: 'forwarding', state: 'problem' }));
  } finally {
    await sh('umount /proc/sys');
  }
});

function existing(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
}

/** By a namespace of his own a user is root in there, and nobody out here. */
const IN_OWN_USERS: Place = [...SOMEBODY, 'unshare', '--user', '--map-root-user'];

test('the ports at which servers meet take nodes and root, for whoever gets there is asked for no password', async () => {
  const cluster = await createPxc(['a', '--nodes', '2']);
  const servers = await Promise.all([4444, 4568].map((port) => answerAt(a1, port)));
  try {
    for (const port of [4444, 4567, 4568]) {
      const said = (from: Place) => knockFrom(from, '10.200.0.2', port);
      const seen = { root: await said(MACHINE), node: await said(nodePlace('a', 'node2')) };
      const others = { somebody: await said(SOMEBODY), root: await said(IN_OWN_USERS) };
      expect({ port, seen, others }).toEqual({
        ...{ port, seen: { root: 'open', node: 'open' } },
        others: { somebody: 'ECONNREFUSED', root: 'ECONNREFUSED' },
      });
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  expect(await knockFrom(SOMEBODY, '10.200.0.2', 3306)).toBe('open');

  // A node that lost its data gets all of it from the other, by rsync.
  const node2 = nodeOf(cluster, 'node2');
  const argv = await argvOf(node2);
  await query(node2.socket, 'SHUTDOWN');
  await query(socketOf('a', 'node1'), 'CREATE DATABASE shop');
  await expect.poll(async () => (await run(['ip', 'netns', 'pids', node2.namespace])).stdout).toBe('');
  const data = `${node2.log.replace(/\/[^/]*$/, '')}/data`;
  await sh(`rm -rf ${data}/*`);
  startByHand(node2, argv);
  await expect.poll(async () => (await wsrep(node2.socket).catch(() => null))?.local_state_comment).toBe('Synced');
  expect(readFileSync(node2.log, 'utf8')).toContain('wsrep_sst_rsync');
  expect(await query(node2.socket, "SHOW DATABASES LIKE 'shop'")).toHaveLength(1);
});
