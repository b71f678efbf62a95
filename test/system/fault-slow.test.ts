import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createReplication, hasImages, MARIADB } from './world/cluster.js';
import { run } from './world/command.js';
import { arrivalsOf, speedOf } from './world/flow.js';
import { dbns, expectSameMachine, inNode, snapshot } from './world/machine.js';
import { MACHINE, nodePlace } from './world/places.js';

// Links that are slow, measured by packets: what this kernel can do without netem. With it: netem.test.ts.

const [NODE1, NODE2, APP] = ['10.200.0.2', '10.200.0.3', '10.200.0.4'];
const [node1, node2, app] = ['node1', 'node2', 'app'].map((name) => nodePlace('r', name)) as [
  string[],
  string[],
  string[],
];
const RULES = '/var/lib/dbns/clusters/r/rules/rules.json';
const QUEUES = '/var/lib/dbns/clusters/r/rules/queues.json';

/** How far a figure may be from what was asked for. */
const NEAR = 0.15;
function expectNear(figure: number, wanted: number): void {
  expect(figure).toBeGreaterThan(wanted * (1 - NEAR));
  expect(figure).toBeLessThan(wanted * (1 + NEAR));
}

/** Of each interface, by name: its queues, and how many segments leave it in one piece. */
async function queuesNow(): Promise<string> {
  const places = [MACHINE, node1, node2, app];
  const texts = places.map(async (place) => {
    const queues = await run([...place, 'tc', 'qdisc', 'show']);
    const links = await run([...place, 'ip', '-oneline', '-details', 'link', 'show']);
    const segments = links.stdout.matchAll(/^\d+: ([^@:]+).* gso_max_segs (\d+)/gm);
    return [...queues.stdout.split('\n'), ...[...segments].map(([, name, most]) => `${name} ${most}`)].sort();
  });
  return JSON.stringify(await Promise.all(texts), null, 1);
}

const slow = async (...words: string[]) => (await dbns(['fault', 'slow', 'r', ...words])).stdout.trim();
const heal = (...words: string[]) => dbns(['heal', 'r', ...words]);

describe.skipIf(!hasImages(MARIADB))('a slow link', () => {
  let before = '';
  let whole = '';

  beforeAll(async () => {
    before = await snapshot();
    await createReplication(MARIADB, ['r', '--nodes', '2']);
    await dbns(['attach', 'r', 'app', '--', 'sleep', '100000']);
    whole = await queuesNow();
  });

  afterEach(async () => {
    await heal();
    expect(await queuesNow()).toBe(whole);
    expect(existsSync(QUEUES)).toBe(false);
  });

  afterAll(async () => {
    await slow('--pair', 'node1,node2', '--rate', '1mbit', '--loss', '5%', '--duplicate', '5%');
    await dbns(['destroy', '--all', '--yes']);
    expectSameMachine(before, await snapshot());
  });

  test('loses as many packets as it was told, one way and of one pair alone', async () => {
    expect(await slow('--from', 'node1', '--to', 'node2', '--loss', '5%')).toBe(
      'f1  slow  packets from node1 to node2, from each to each: 5 % lost',
    );
    const sent = 20_000;
    expectNear(sent - (await arrivalsOf(sent, node1, node2, NODE2)), sent * 0.05);
    expect(await arrivalsOf(1000, node2, node1, NODE1)).toBe(1000);
    expect(await arrivalsOf(1000, app, node2, NODE2)).toBe(1000);
    // Two faults of a pair: chances are independent.
    await slow('--node', 'node2', '--loss', '10%');
    expectNear(sent - (await arrivalsOf(sent, node1, node2, NODE2)), sent * (1 - 0.95 * 0.9));
  });

  test('lets as many packets come twice as it was told, with and without a narrow place', async () => {
    const sent = 5000;
    await slow('--pair', 'node1,node2', '--duplicate', '20%');
    expectNear((await arrivalsOf(sent, node1, node2, NODE2)) - sent, sent * 0.2);
    expect(await arrivalsOf(1000, app, node2, NODE2)).toBe(1000);
    await slow('--from', 'gateway', '--to', 'node2', '--rate', '100mbit');
    expectNear((await arrivalsOf(sent, node2, node1, NODE1)) - sent, sent * 0.2);
  });

  test('lets no more through than its rate, and leaves other pairs and the way back alone', async () => {
    const rate = 4e6;
    await slow('--from', 'node1', '--to', 'node2', '--rate', '4mbit');
    expectNear(await speedOf(10_000, node1, node2, NODE2), rate);
    for (const [from, to, address] of [
      [node2, node1, NODE1],
      [app, node2, NODE2],
      [node1, app, APP],
    ] as const)
      expect(await speedOf(500, from, to, address)).toBeGreaterThan(10 * rate);
    // The narrower place of two decides; from the machine as from hosts.
    await slow('--from', 'node1', '--to', 'node2', '--rate', '2mbit');
    expectNear(await speedOf(3000, node1, node2, NODE2), 2e6);
    await slow('--from', 'gateway', '--to', 'node2', '--rate', '2mbit');
    expectNear(await speedOf(3000, MACHINE, node2, NODE2), 2e6);
    expect(await speedOf(500, app, node2, NODE2)).toBeGreaterThan(10 * rate);
  });

  test('holds under a partition, and each is healed by itself', async () => {
    await slow('--pair', 'node1,node2', '--rate', '2mbit');
    const [link] = await machineEnd('node2');
    await dbns(['fault', 'partition', 'r', '--side', 'node1', '--side', 'node2']);
    expect(await arrivalsOf(100, node1, node2, NODE2)).toBe(0);
    const { json } = await dbns(['fault', 'list', 'r', '--json']);
    const ids = JSON.stringify(json).matchAll(/"id":"(f\d+)","kind":"partition"/g);
    await heal(...[...ids].flatMap(([, id = '']) => ['--fault', id]));
    expect((await run(['tc', 'class', 'show', 'dev', link])).stdout).toContain('rate 2Mbit');
    expectNear(await speedOf(3000, node1, node2, NODE2), 2e6);
  });

  test('is slow again after its link was made anew, and ends by the clock', async () => {
    await slow('--node', 'node2', '--rate', '90mbit', '--loss', '50%');
    const [link] = await machineEnd('node2');
    await run(['ip', 'link', 'delete', link]);
    await dbns(['start', 'r']);
    expect((await run(['tc', 'class', 'show', 'dev', link])).stdout).toContain('rate 90Mbit');
    expect((await inNode('r', 'node2', ['ip', '-details', 'link', 'show', 'eth0'])).stdout).toContain(
      'gso_max_segs 1 ',
    );
    const left = await arrivalsOf(2000, node1, node2, NODE2);
    expectNear(left, 1000);
    await heal();
    await slow('--node', 'node2', '--rate', '2mbit', '--loss', '50%', '--for', '1s');
    await expect.poll(queuesNow).toBe(whole);
    expect(await arrivalsOf(1000, node1, node2, NODE2)).toBe(1000);
  });

  test('without netem is refused with what works, and other bad words are; nothing is changed', async () => {
    await slow('--pair', 'node1,node2', '--rate', '2mbit');
    const [rules, queues] = [readFileSync(RULES, 'utf8'), await queuesNow()];
    const matrix = (text: string) => {
      writeFileSync('/tmp/matrix', text);
      return ['--matrix', '/tmp/matrix'];
    };
    const pair = ['--pair', 'node1,node2'];
    const bad: [words: string[], exit: number, told: string][] = [
      [[...pair], 2, 'Say what becomes of packets'],
      [['--loss', '5%'], 2, 'Say whose packets'],
      [[...pair, '--node', 'node1', '--loss', '5%'], 2, 'Say whose packets'],
      [[...pair, '--loss', '5'], 2, 'write it like 5%'],
      [[...pair, '--loss', '101%'], 2, '0.01% to 100%'],
      [[...pair, '--rate', '1mb'], 2, 'write it like 1mbit'],
      [[...pair, '--rate', '1kbit'], 2, '8kbit to 100gbit'],
      [[...pair, '--delay', '50'], 2, 'write it like 50ms'],
      [[...pair, '--delay', '2m'], 2, 'at most 60s'],
      [[...pair, '--jitter', '5ms'], 2, '--jitter'],
      [[...pair, '--reorder', '5%'], 2, '--reorder takes --delay'],
      [['--pair', 'node1', '--loss', '5%'], 2, 'two names'],
      [['--from', 'node1', '--loss', '5%'], 2, '--from somebody --to somebody'],
      [['--from', 'node1', '--to', 'node1', '--loss', '5%'], 2, 'No packets go'],
      [['--from', 'node1', '--to', 'gateway', '--rate', '1mbit'], 2, 'only be lost'],
      [['--node', 'node9', '--loss', '5%'], 4, 'no node9. There are node1, node2, app, gateway'],
      [[...pair, '--loss', '5%', '--for', 'soon'], 2, "'soon' is not a duration"],
      [matrix('node1 node2\nnode1 - 5ms\nnode9 5ms -\n'), 2, "/tmp/matrix:3: 'node9'"],
      [['--matrix', '/tmp/none'], 2, 'There is no matrix /tmp/none'],
    ];
    for (const [words, exit, told] of bad) {
      const { stderr } = await dbns(['fault', 'slow', 'r', ...words], { expectExit: exit });
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(told);
    }
    const hasNetem =
      (
        await run(['unshare', '--net', 'tc', 'qdisc', 'add', 'dev', 'lo', 'root', 'netem', 'delay', '1ms'], {
          expectExit: 'any',
        })
      ).exitCode === 0;
    if (!hasNetem) {
      for (const words of [
        [...pair, '--delay', '50ms', '--loss', '5%'],
        matrix('node1 node2\nnode1 - 5\nnode2 5 -\n'),
      ]) {
        const { stderr } = await dbns(['fault', 'slow', 'r', ...words], { expectExit: 3 });
        expect(stderr).toContain('no netem');
        expect(stderr).toContain('modprobe sch_netem');
        expect(stderr).toContain('--rate work without');
      }
    }
    rmSync('/tmp/matrix');
    expect(readFileSync(RULES, 'utf8')).toBe(rules);
    expect(await queuesNow()).toBe(queues);
  });
});

async function machineEnd(node: string): Promise<[string]> {
  const { stdout } = await run(['ip', '-oneline', 'link', 'show', 'type', 'veth']);
  const [, link = ''] =
    new RegExp(`^\\d+: (\\S+?)@.*alias dbns:\\S+ r/${node}$`, 'm').exec(stdout) ?? /^$/.exec('') ?? [];
  return [link];
}
