import { readFileSync, writeFileSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FaultView } from '../../src/lifecycle/view.js';
import { createPxc, nodeOf, statusOf, value } from './world/cluster.js';
import { run } from './world/command.js';
import { difference } from './world/difference.js';
import { kernelNow } from './world/kernel.js';
import { dbns, expectSameMachine, query, snapshot, socketOf, uriOf } from './world/machine.js';
import { cutPairs, type Addresses } from './world/mesh.js';
import { MACHINE, nodePlace } from './world/places.js';
import { sample } from './world/sample.js';
import { knockFrom } from './world/traffic.js';

// Faults of a network, by the packets that arrive and those that don't.

/** Nobody listens there. */
const PORT = 7777;
const NO_ANSWER = 400; // ms after which none will come

let before = '';
let whole = '';
let addresses: Addresses = {};
/** By IPv4, and by IPv6. */
let families: readonly Addresses[] = [];

beforeAll(async () => {
  before = await snapshot();
  // Slow to notice: it is packets that are looked at here.
  const options = ['-c', 'wsrep_provider_options=evs.suspect_timeout=PT30S;evs.inactive_timeout=PT60S'];
  const { nodes, networks } = await createPxc(['c', '--nodes', '4', '--ipv6', ...options]);
  addresses = Object.fromEntries([
    ...nodes.map(({ name, address }) => [name, address]),
    ['gateway', networks[0]?.gateway ?? ''],
  ]) as Addresses;
  const ipv6s = nodes.map(({ name, ipv6 }) => [name, ipv6 ?? ''] as const);
  const gateway = ipv6s[0]?.[1].replace(/::2$/, '::1') ?? '';
  families = [addresses, Object.fromEntries([...ipv6s, ['gateway', gateway]])];
});

beforeEach(async () => {
  whole = await kernelNow();
});

afterEach(async () => {
  await dbns(['heal', 'c']);
  await expect.poll(async () => difference(whole, await kernelNow())).toBe('');
});

afterAll(async () => {
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
});

/** What is cut for one family by lot, or for both in the same way. */
const cuts = async () => {
  const tried = [];
  for (const family of sample(families, 1)) tried.push(await cutPairs('c', family, PORT));
  for (const pairs of tried.slice(1)) expect(pairs).toEqual(tried[0]);
  return tried[0];
};
const partition = async (...words: string[]) => {
  const { json } = await dbns(['fault', 'partition', 'c', ...words, '--json']);
  return (json as { fault: FaultView }).fault;
};
/** `node1>node2`, both ways of each pair. */
const both = (...pairs: readonly (readonly [string, string])[]) =>
  pairs.flatMap(([one, other]) => [`${one}>${other}`, `${other}>${one}`]).sort();
const sides = (...parts: readonly (readonly string[])[]) =>
  both(
    ...parts.flatMap((part, at) =>
      parts.slice(at + 1).flatMap((other) => part.flatMap((one) => other.map((two) => [one, two] as const))),
    ),
  );
const matrixOf = async (...words: string[]) => {
  const { json } = await dbns(['fault', 'matrix', 'c', ...words, '--json']);
  const { pairs } = json as { pairs: readonly { from: string; to: string; is: string }[] };
  return (from: string, to: string) => pairs.find((pair) => pair.from === from && pair.to === to)?.is;
};

const [N1, N2, N3, N4] = [['node1'], ['node2'], ['node3'], ['node4']] as const;

const PARTITIONS: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['--isolate', 'node1'], sides(N1, ['node2', 'node3', 'node4'])],
  [['--side', 'node1', '--side', 'node2'], sides(N1, N2, ['node3', 'node4'])],
  [['--side', 'node1,node4'], sides(['node1', 'node4'], ['node2', 'node3'])],
  [['--halves'], sides(['node1', 'node2'], ['node3', 'node4'])],
  [['--ring'], both(['node1', 'node3'], ['node2', 'node4'])],
  [['--bridge', 'node2'], sides(N1, ['node3', 'node4'])],
  [['--from', 'node1', '--to', 'node2'], ['node1>node2']],
  [
    ['--from', 'node3,node4', '--to', 'node1'],
    ['node3>node1', 'node4>node1'],
  ],
  [['--from', 'gateway', '--to', 'node3'], ['gateway>node3']],
  [['--from', 'node3', '--to', 'gateway'], ['node3>gateway']],
];

describe.each([1, 0])('with bridges that call the firewall: %i', (calls) => {
  const file = '/proc/sys/net/bridge/bridge-nf-call-iptables';
  const called = readFileSync(file, 'utf8');
  beforeAll(() => {
    writeFileSync(file, String(calls));
  });
  afterAll(() => {
    writeFileSync(file, called);
  });

  test.each(sample(PARTITIONS, calls === 1 ? 6 : 2))(
    'partition %j takes %j, and nothing else',
    async (words, pairs) => {
      expect(await cuts()).toEqual([]);
      const { id, taken } = await partition(...words);
      expect(taken).toBeNull();
      expect(await cuts()).toEqual(pairs);
      const { json } = await dbns(['fault', 'list', 'c', '--json']);
      const faults = (json as { clusters: readonly { faults: readonly FaultView[] }[] }).clusters[0]?.faults ?? [];
      expect(faults.map((fault) => fault.id)).toEqual([id]);
      expect(faults[0]?.taken?.packets).toBeGreaterThan(0);
      await dbns(['heal', 'c']);
      expect(await cuts()).toEqual([]);
    },
  );
});

describe('partitions', () => {
  test.each([
    ['minority', 1],
    ['majority', 3],
    ['random', 1],
  ])('--isolate %s is chosen once, and told', async (word, count) => {
    const { hosts, takes } = await partition('--isolate', word);
    const [, one = '', other = ''] = /^packets between (.*) and (.*)$/.exec(takes) ?? [];
    const [side, rest] = [one.split(', '), other.split(', ')];
    expect([side.length, rest.length, hosts.length]).toEqual([count, 4 - count, 4]);
    expect(await cuts()).toEqual(sides(side, rest));
  });

  test('add up, and one can be healed while others stay', async () => {
    const first = await partition('--isolate', 'node1');
    const second = await partition('--from', 'node3', '--to', 'node1,node4');
    expect(await cuts()).toEqual([...sides(N1, ['node2', 'node3', 'node4']), 'node3>node4'].sort());
    expect(nodeOf(await statusOf('c'), 'node3').process).toBe('running');
    await dbns(['heal', 'c', '--fault', first.id]);
    expect(await cuts()).toEqual(['node3>node1', 'node3>node4']);
    expect((await statusOf('c')).faults.map(({ id }) => id)).toEqual([second.id]);
    await dbns(['heal', 'c', '--fault', first.id], { expectExit: 4 });
  });

  test('a channel alone, by its port, wherever a connection comes from', async () => {
    const { takes } = await partition('--isolate', 'node1', '--channel', 'replication');
    expect(takes).toBe('replication (port 4567) between node1 and node2, node3, node4');
    expect(await cuts()).toEqual([]);
    expect(await knockFrom(nodePlace('c', 'node1'), addresses.node2 ?? '', 3306)).toBe('open');
    expect(await knockFrom(nodePlace('c', 'node1'), addresses.node2 ?? '', 4567, NO_ANSWER)).toBe('no answer');
    expect(await knockFrom(nodePlace('c', 'node3'), addresses.node2 ?? '', 4567)).toBe('open');
    const is = await matrixOf('--channel', 'replication');
    expect([is('node1', 'node2'), is('node2', 'node1'), is('node3', 'node2')]).toEqual(['silent', 'silent', 'open']);
  });

  test('clients alone: servers go on among themselves', async () => {
    const { takes } = await partition('--isolate', 'node1', '--channel', 'client');
    expect(takes).toBe('client (port 3306) between node1 and whoever else there is');
    expect(await knockFrom(MACHINE, addresses.node1 ?? '', 3306, NO_ANSWER)).toBe('no answer');
    expect(await knockFrom(MACHINE, addresses.node2 ?? '', 3306)).toBe('open');
    expect(await knockFrom(nodePlace('c', 'node2'), addresses.node1 ?? '', 4567)).toBe('open');
    // Who is asked over its socket answers.
    expect(await value(socketOf('c', 'node1'), "SHOW STATUS LIKE 'wsrep_cluster_size'")).toBeDefined();
  });

  test('--new-only lets connections go on that stand', async () => {
    const connection = await mysql.createConnection(await uriOf('c', 'node1'));
    connection.on('error', () => undefined);
    await partition('--from', 'gateway', '--to', 'node1', '--new-only');
    await connection.query('SELECT 1');
    expect(await knockFrom(MACHINE, addresses.node1 ?? '', 3306, NO_ANSWER)).toBe('no answer');
    await connection.query('SELECT 1');
    connection.destroy();
  });

  test('--reset tells both ends, of connections that stand too', async () => {
    const far = await uriOf('c', 'node2');
    const idle = run([...nodePlace('c', 'node1'), process.execPath, '-e', CLIENT, addresses.node2 ?? ''], {
      expectExit: 'any',
    });
    await expect
      .poll(() => query(far, "SELECT COUNT(*) AS n FROM information_schema.processlist WHERE HOST LIKE '%.2:%'"))
      .toEqual([{ n: 1 }]);
    const { takes } = await partition('--side', 'node1', '--side', 'node2', '--reset');
    expect(takes).toContain('told by resets');
    expect((await idle).stdout.trim()).toMatch(/^E(CONNRESET|CONNABORTED)$/);
    expect(await knockFrom(nodePlace('c', 'node1'), addresses.node2 ?? '', 3306)).toBe('ECONNREFUSED');
    const is = await matrixOf();
    expect([is('node1', 'node2'), is('node2', 'node1'), is('node3', 'gateway')]).toEqual(['reset', 'reset', undefined]);
    expect(await cuts()).toEqual(sides(N1, N2, ['node3', 'node4']));
  });

  test('one way with --reset tells one end, and says which', async () => {
    const { takes } = await partition('--from', 'node1', '--to', 'node2', '--reset');
    expect(takes).toBe('packets from node1 to node2; node1 is told by resets');
    const is = await matrixOf();
    expect([is('node1', 'node2'), is('node2', 'node1')]).toEqual(['reset', 'unanswered']);
  });
});

/** Connects to MariaDB, and prints how the connection ends that says nothing. */
const CLIENT = `const s = require('net').connect(3306, process.argv[1]);
s.on('error', ({ code }) => { console.log(code); process.exit(); }).on('end', () => process.exit()).resume();`;

describe('a cut', () => {
  test('leaves the address and takes the carrier, in both directions', async () => {
    await dbns(['fault', 'cut', 'c', 'node4']);
    const inside = await run(['ip', '-n', 'dbns-c-node4', '-json', 'address', 'show', 'eth0']);
    expect(inside.stdout).toContain('NO-CARRIER');
    expect(inside.stdout).toContain(`"local":"${addresses.node4 ?? ''}"`);
    const { stdout } = await run(['ip', '-n', 'dbns-c-node4', 'route']);
    expect(stdout).toContain('default via');
    expect(await cuts()).toEqual(sides(N4, ['node1', 'node2', 'node3', 'gateway']));
    const is = await matrixOf();
    expect([is('node1', 'node4'), is('node4', 'node1'), is('node1', 'node2')]).toEqual([
      'unreachable',
      'unreachable',
      'open',
    ]);
    // A start makes anew what is missing, and the fault is in force still.
    await dbns(['start', 'c']);
    expect(await cuts()).toEqual(sides(N4, ['node1', 'node2', 'node3', 'gateway']));
  });

  test('holds for a link that is made anew, and so does a partition', async () => {
    await partition('--side', 'node1', '--side', 'node2');
    await dbns(['fault', 'cut', 'c', 'node3']);
    for (const name of ['node1', 'node3']) {
      const { stdout } = await run(['ip', '-n', `dbns-c-${name}`, '-json', 'link', 'show', 'eth0']);
      expect(stdout).toContain('eth0');
      await run(['ip', '-n', `dbns-c-${name}`, 'link', 'delete', 'eth0']);
    }
    await dbns(['start', 'c']);
    expect(await cuts()).toEqual([...sides(N1, N2, N4), ...sides(N3, ['node1', 'node2', 'node4', 'gateway'])].sort());
    // The links are others than before.
    await dbns(['heal', 'c']);
    whole = await kernelNow();
  });
});

const WRONG: readonly (readonly [readonly string[], number, string])[] = [
  [['partition', 'nowhere', '--halves'], 4, "There is no cluster 'nowhere'"],
  [['partition', 'c'], 2, 'Say one of --side'],
  [['partition', 'c', '--halves', '--ring'], 2, 'Say one of --side'],
  [['partition', 'c', '--isolate', 'node9'], 4, "'c' has no node9. There are node1, node2, node3, node4, gateway"],
  [['partition', 'c', '--isolate', 'primary'], 2, 'There is no primary'],
  [['partition', 'c', '--side', 'node1', '--side', 'node1,node2'], 2, 'node1 is on two sides'],
  [['partition', 'c', '--side', 'node1,node2,node3,node4'], 2, 'nothing would be taken'],
  [['partition', 'c', '--from', 'node1'], 2, '--to'],
  [['partition', 'c', '--role', 'primary'], 4, 'No node of'],
  [['partition', 'c', '--halves', '--for', 'soon'], 2, "'soon' is not a duration"],
  [['partition', 'c', '--from', 'gateway', '--to', 'node1', '--channel', 'sst'], 2, 'nothing would be taken'],
  [['cut', 'c'], 2, "Which nodes of 'c'?"],
  [['cut', 'c', 'node9'], 4, 'node9'],
  [['kill', 'c', 'node9'], 4, 'node9'],
  [['list', 'nowhere'], 4, "There is no cluster 'nowhere'"],
  [['matrix', 'nowhere'], 4, "There is no cluster 'nowhere'"],
];

test('what is wrong has a sentence and an exit code, and nothing is changed', async () => {
  for (const [words, exit, sentence] of WRONG)
    expect((await dbns(['fault', ...words], { expectExit: exit })).stderr, words.join(' ')).toContain(sentence);
  expect((await statusOf('c')).faults).toEqual([]);
});
