import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createPxc, nodeOf } from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, inNode, keepMachineClean, outside, uriOf, query } from './world/machine.js';
import { MACHINE, MACHINE_ADDRESS, nodePlace, OUTSIDE, OUTSIDE_ADDRESS, type Place } from './world/places.js';
import { answerAt, askFrom } from './world/traffic.js';

const PORT = 8080;
const NO_ANSWER = 400; // ms after which none will come

keepMachineClean();

const sh = (script: string) => run(['bash', '-c', script]);
const ruleset = async () => (await run(['nft', '--stateless', 'list', 'ruleset'])).stdout;
const a1 = nodePlace('a', 'node1');
const a2 = nodePlace('a', 'node2');
const b1 = nodePlace('b', 'node1');

/** How many UDP datagrams a network has sent, out of its /proc/net/snmp. */
function datagramsSent(snmp: string): number {
  const [names = [], values = []] = [...snmp.matchAll(/^Udp: (.*)$/gm)].map(([, words = '']) => words.split(' '));
  return Number(values[names.indexOf('OutDatagrams')]);
}

/** What `act` finds while something answers at a place. */
async function whileAnswering<T>(place: Place, act: () => Promise<T>, port = PORT): Promise<T> {
  const server = await answerAt(place, port);
  try {
    return await act();
  } finally {
    await server.stop();
  }
}

/** The outside knows the way in: only the machine itself keeps it out. */
async function withRouteIn(act: () => Promise<void>): Promise<void> {
  await outside(['ip', 'route', 'add', '10.200.0.0/16', 'via', MACHINE_ADDRESS]);
  try {
    await act();
  } finally {
    await outside(['ip', 'route', 'delete', '10.200.0.0/16']);
  }
}

describe('packets', () => {
  test('go between the nodes of a cluster, and from the machine to every node', async () => {
    const { nodes } = await createPxc(['a', '--nodes', '2']);
    const { address } = nodeOf({ nodes } as never, 'node2');
    await whileAnswering(a2, async () => {
      expect(await askFrom(a1, address, PORT)).toBe('10.200.0.2');
      expect(await askFrom(MACHINE, address, PORT)).toBe('10.200.0.1');
      expect(await askFrom(a2, address, PORT)).toBe(address);
    });
    await whileAnswering(MACHINE, async () => {
      expect(await askFrom(a1, '10.200.0.1', PORT)).toBe('10.200.0.2');
    });
  });

  test('go out behind the address of the machine, and answers come back', async () => {
    await createPxc(['a', '--nodes', '2']);
    await whileAnswering(OUTSIDE, async () => {
      expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
      expect(await askFrom(a2, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
      expect(await askFrom(MACHINE, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
    });
  });

  test('do not come in from outside, whoever knows the way: it is the table of the cluster that drops them', async () => {
    await createPxc(['a', '--nodes', '1']);
    await withRouteIn(() =>
      whileAnswering(a1, async () => {
        for (const port of [PORT, 3306, 4567])
          expect(await askFrom(OUTSIDE, '10.200.0.2', port, NO_ANSWER), String(port)).toBeNull();
        expect(await askFrom(OUTSIDE, '10.200.0.1', 3306, NO_ANSWER)).toBeNull();
        expect(await askFrom(OUTSIDE, MACHINE_ADDRESS, 3306, NO_ANSWER)).toBeNull();
        await run(['nft', 'delete table inet dbns-a; delete table ip dbns']);
        expect(await askFrom(OUTSIDE, '10.200.0.2', PORT)).toBe(OUTSIDE_ADDRESS);
      }),
    );
  });

  test('do not pass between two clusters, in neither direction, by no address', async () => {
    await createPxc(['a', '--nodes', '2']);
    await createPxc(['b', '--nodes', '1']);
    const between = [
      { from: a1, to: b1, address: '10.200.1.2', ownGateway: '10.200.0.1', gateway: '10.200.1.1' },
      { from: b1, to: a1, address: '10.200.0.2', ownGateway: '10.200.1.1', gateway: '10.200.0.1' },
    ];
    for (const { from, to, address, ownGateway, gateway } of between)
      await whileAnswering(to, async () => {
        expect(await askFrom(MACHINE, address, PORT)).not.toBeNull();
        for (const port of [PORT, 3306, 4567]) expect(await askFrom(from, address, port, NO_ANSWER)).toBeNull();
        expect(await askFrom(from, gateway, 3306, NO_ANSWER)).toBeNull();
        // Routes of the nodes' own make no difference.
        await run([...from, 'ip', 'route', 'add', `${address}/32`, 'via', ownGateway]);
        expect(await askFrom(from, address, PORT, NO_ANSWER)).toBeNull();
      });
    await dbns(['destroy', 'b']);
    expect(await query(await uriOf('a', 'node2'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  test('--internal has no way out and none in, though another cluster has', async () => {
    await createPxc(['b', '--nodes', '1']);
    await createPxc(['a', '--nodes', '2', '--internal']);
    expect((await inNode('a', 'node1', ['ip', 'route', 'show', 'default'])).stdout).toBe('');
    expect((await inNode('a', 'node1', ['cat', '/etc/resolv.conf'])).stdout).toBe('');
    await whileAnswering(OUTSIDE, async () => {
      expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT, NO_ANSWER)).toBeNull();
      await run([...a1, 'ip', 'route', 'add', 'default', 'via', '10.200.1.1']);
      await withRouteIn(async () => {
        expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT, NO_ANSWER)).toBeNull();
        expect(await askFrom(OUTSIDE, '10.200.1.2', 3306, NO_ANSWER)).toBeNull();
      });
      expect(await askFrom(b1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
    });
    await whileAnswering(a2, async () => {
      expect(await askFrom(a1, '10.200.1.3', PORT)).toBe('10.200.1.2');
      expect(await askFrom(MACHINE, '10.200.1.3', PORT)).toBe('10.200.1.1');
    });
  });
});

describe('names', () => {
  test('of nodes and of the gateway are known in every node, at once', async () => {
    await createPxc(['a', '--nodes', '2']);
    const sent = async (node: string) => datagramsSent((await inNode('a', node, ['cat', '/proc/net/snmp'])).stdout);
    for (const node of ['node1', 'node2']) {
      const before = await sent(node);
      const { stdout } = await dbns(['exec', 'a', node, '--', 'getent', 'ahosts', 'node2']);
      expect(stdout).toMatch(/^10\.200\.0\.3\s/);
      // By getaddrinfo, as programs ask. (`getent hosts` asks for IPv6 alone first, and so the resolvers outside.)
      const lookUp = `for (const name of ['node1', 'node2', 'gateway', 'localhost'])
        require('dns').lookup(name, (error, address) => console.log(name, error ?? address))`;
      const { stdout: all } = await inNode('a', node, [process.execPath, '-e', lookUp]);
      const expected = ['gateway 10.200.0.1', 'localhost 127.0.0.1', 'node1 10.200.0.2', 'node2 10.200.0.3'];
      expect(all.trim().split('\n').sort()).toEqual(expected);
      // A resolver that does not answer would cost ten seconds a name: none was asked.
      expect(await sent(node)).toBe(before);
    }
  });

  test('outside are asked of the resolvers of the machine that a node can reach', async () => {
    const file = path.join(process.env.HOME ?? '', 'resolv.conf');
    writeFileSync(file, 'nameserver 127.0.0.53\nnameserver 192.0.2.53\nsearch example.org\n');
    await run(['mount', '--no-mtab', '--bind', file, '/etc/resolv.conf']);
    try {
      await createPxc(['a', '--nodes', '1']);
      expect((await dbns(['exec', 'a', 'node1', '--', 'cat', '/etc/resolv.conf'])).stdout).toBe(
        'nameserver 192.0.2.53\noptions timeout:1 attempts:2\n',
      );
    } finally {
      await run(['umount', '/etc/resolv.conf']);
    }
  });
});

const BRIDGED_TOO = '/proc/sys/net/bridge/bridge-nf-call-iptables';

/** While another firewall has its table; `bridged`: whether what a bridge passes on meets it too (br_netfilter). */
async function withFirewall(table: string, bridged: '0' | '1', act: () => Promise<void>): Promise<void> {
  const before = existsSync(BRIDGED_TOO) ? readFileSync(BRIDGED_TOO, 'utf8') : null;
  await run(['nft', '-f', '-'], { input: table });
  if (before !== null) writeFileSync(BRIDGED_TOO, bridged);
  try {
    await act();
  } finally {
    if (before !== null) writeFileSync(BRIDGED_TOO, before);
    await run(['nft', 'delete', 'table', 'ip', 'filter'], { expectExit: 'any' });
  }
}

describe('another firewall that drops what is forwarded', () => {
  const docker = `
    table ip filter {
      chain DOCKER-USER { counter return; }
      chain DOCKER { oifname "docker0" drop; }
      chain FORWARD { type filter hook forward priority filter; policy drop; jump DOCKER-USER; oifname "docker0" jump DOCKER; }
    }`;

  test.each(['0', '1'] as const)(
    'is passed by its chain for users, by rules with a comment (bridged: %s)',
    async (bridged) => {
      await withFirewall(docker, bridged, async () => {
        const before = await ruleset();
        await createPxc(['a', '--nodes', '2']);
        await createPxc(['b', '--nodes', '1']);
        const { stdout } = await run(['nft', 'list', 'chain', 'ip', 'filter', 'DOCKER-USER']);
        const ours = stdout.split('\n').filter((line) => line.includes('"dbns'));
        expect(ours.length).toBeGreaterThan(0);
        for (const line of ours) expect(line).toMatch(/comment "dbns:[0-9a-f]{8}"/);
        await whileAnswering(OUTSIDE, async () => {
          expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
          expect(await askFrom(b1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
        });
        await withRouteIn(() =>
          whileAnswering(a2, async () => {
            expect(await askFrom(a1, '10.200.0.3', PORT)).toBe('10.200.0.2');
            expect(await askFrom(b1, '10.200.0.3', PORT, NO_ANSWER)).toBeNull();
            expect(await askFrom(OUTSIDE, '10.200.0.3', PORT, NO_ANSWER)).toBeNull();
          }),
        );
        await dbns(['destroy', 'a']);
        await whileAnswering(OUTSIDE, async () => {
          expect(await askFrom(b1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
        });
        await dbns(['destroy', 'b']);
        expect(await ruleset()).toBe(before);
      });
    },
  );

  test('may flush or remove its rules meanwhile: destroy is content', async () => {
    await withFirewall(docker, '1', async () => {
      await createPxc(['a', '--nodes', '1']);
      await run(['nft', 'flush', 'chain', 'ip', 'filter', 'DOCKER-USER']);
      await dbns(['destroy', 'a']);
      await createPxc(['a', '--nodes', '1']);
      await run(['nft', 'delete', 'table', 'ip', 'filter']);
      await dbns(['destroy', 'a']);
    });
  });

  test('and has no such chain is named in a warning, with what to type', async () => {
    const table = 'table ip filter { chain FORWARD { type filter hook forward priority filter; policy drop; }; }';
    await withFirewall(table, '0', async () => {
      const { stderr } = await dbns(['pxc', 'create', 'a', '--nodes', '2']);
      expect(stderr).toMatch(/Warning: The chain FORWARD of ip filter drops/);
      const advice = /To let them: (.*)$/m.exec(stderr)?.[1] ?? '';
      await whileAnswering(OUTSIDE, async () => {
        expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT, NO_ANSWER)).toBeNull();
        await sh(advice);
        expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
      });
    });
  });
});

describe('subnets', () => {
  const refused = async (subnet: string, ...told: string[]) => {
    const { json } = await dbns(['pxc', 'create', '--subnet', subnet, '--json'], { expectExit: 5 });
    const { error } = json as { error: { code: string; message: string } };
    expect(error.code).toBe('DBNS_CONFLICT');
    for (const text of [subnet, ...told]) expect(error.message).toContain(text);
  };

  test('that overlap a route, an address or a cluster are refused, and it is named', async () => {
    await createPxc(['a', '--nodes', '1']);
    await sh(`ip route add 10.50.0.0/16 via ${OUTSIDE_ADDRESS}; ip address add 10.60.0.7/32 dev lo`);
    await refused('10.50.3.0/24', 'the route 10.50.0.0/16');
    await refused('10.60.0.0/24', '10.60.0.7');
    await refused('10.200.0.0/25', "the cluster 'a'");
    await refused('10.0.0.0/8');
    expect(existsSync('/run/dbns/pxc')).toBe(false);
    await sh('ip route del 10.50.0.0/16; ip address del 10.60.0.7/32 dev lo');
  });

  test('are the first free one, around the routes that there are', async () => {
    await sh(`ip route add 10.200.0.0/23 via ${OUTSIDE_ADDRESS}`);
    const { networks } = await createPxc(['a', '--nodes', '1']);
    expect(networks).toMatchObject([{ subnet: '10.200.2.0/24', gateway: '10.200.2.1' }]);
    await sh('ip route del 10.200.0.0/23');
  });

  test('can be as small as a /29', async () => {
    const { nodes, networks } = await createPxc(['a', '--nodes', '3', '--subnet', '10.77.0.8/29']);
    expect(networks).toMatchObject([{ subnet: '10.77.0.8/29', gateway: '10.77.0.9' }]);
    expect(nodes.map(({ address }) => address)).toEqual(['10.77.0.10', '10.77.0.11', '10.77.0.12']);
    for (const { name } of nodes) expect(await query(await uriOf('a', name), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await whileAnswering(OUTSIDE, async () => {
      expect(await askFrom(a1, OUTSIDE_ADDRESS, PORT)).toBe(MACHINE_ADDRESS);
    });
    await dbns(['pxc', 'create', '--nodes', '6', '--subnet', '10.77.1.0/29'], { expectExit: 2 });
  });
});
