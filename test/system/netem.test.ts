import { beforeAll, describe, expect, test } from 'vitest';
import type { Flow, Quality, Slow } from '../../src/cluster/fault.js';
import { WHOLE } from '../../src/cluster/quality.js';
import { NO_RULES } from '../../src/cluster/rules.js';
import { readDelays } from '../../src/lifecycle/faults/delay-matrix.js';
import { NO_TAKINGS, type Taking, type Takings } from '../../src/network/fault-rules.js';
import { insideStep, linksStep } from '../../src/network/links.js';
import { noQueuesText, queuesOf, queuesText } from '../../src/network/queues.js';
import { firewallStep } from '../../src/network/ruleset.js';
import { sampleCluster } from '../fakes/cluster.js';
import { hasGuest, inGuest, linesOf } from './world/guest.js';

// netem for real: a kernel of Debian (6.1) is told the very texts that dbns renders, and measures them by ping.

const sample = sampleCluster(3);
const cluster = { ...sample, network: { ...sample.network, internal: true, uplinks: [] } };
const devices = cluster.nodes.map(({ link }) => link);
const [NODE1, NODE2, NODE3] = ['node1', 'node2', 'node3'] as const;

type Slowing = Pick<Slow, 'flows'>;
const slow = (from: string, to: string, quality: Partial<Quality>): Slowing => ({
  flows: [{ from: [from], to: [to], quality: { ...WHOLE, ...quality } }],
});

/** As `slowLinks` does it: links that are slow get their queues anew, and all others have none. */
function queueLines(...faults: readonly Slowing[]): string {
  const wanted = new Map(queuesOf(cluster, faults).map((queues) => [queues.device, queuesText(queues)]));
  const steps = devices.map((device) => ({
    step: device,
    acts: [{ do: 'run', argv: ['tc', '-batch', '-'], input: wanted.get(device) ?? noQueuesText(device) } as const],
  }));
  return linesOf({ sequence: steps });
}

const tableLines = (takings: Partial<Takings>) =>
  linesOf(firewallStep(cluster, NO_RULES, { ...NO_TAKINGS, devices, ...takings }));

const taking = (flows: readonly Flow[], share = 1): Taking => ({
  ...{ fault: 'f1', flows, share },
  ...{ channel: null, newOnly: false, reset: false, left: null },
});

const say = (name: string) => `echo "== ${name}"\n`;

/** Twenty pings a pair. */
function pings(name: string, ...pairs: readonly (readonly [string, string])[]): string {
  const lines = pairs.map(([from, to]) => {
    const address = cluster.nodes.find((node) => node.name === to)?.address ?? '';
    return `${say(`${name}: ${from} ${to}`)}ip netns exec dbns-east-${from} ping -n -c 20 -i 0.05 -W 1 ${address}\n`;
  });
  return lines.join('');
}

const MATRIX = `        node1 node2 node3   # one way
node1   -     10    40ms
node2   30    -     0
node3   40    0     -`;

const removed = {
  bridges: new Set(['dbnsa1b2c']),
  namespaces: new Set(cluster.nodes.map(({ namespace }) => namespace)),
};
const [, second] = cluster.nodes;

function script(): string {
  if (second === undefined) throw new Error('there is no second node');
  const partition = taking([{ from: [NODE1], to: [NODE2] }]);
  const others = devices.filter((device) => device !== second.link);
  const present = { ...removed, plugged: new Map(others.map((device) => [device, true])) };
  return [
    'mkdir -p /etc/netns\n',
    linesOf(linksStep(cluster)),
    ...cluster.nodes.map((node) => linesOf(insideStep(cluster, node))),
    tableLines({}),
    pings('before', [NODE1, NODE2]),
    `${say('whole')}tc qdisc show\n`,

    queueLines(slow(NODE1, NODE2, { delay: 50, jitter: 10 })),
    pings('one way', [NODE1, NODE2], [NODE3, NODE2], [NODE1, NODE3]),

    queueLines(slow(NODE1, NODE2, { delay: 50 }), slow(NODE2, NODE1, { delay: 20 }), slow(NODE1, NODE2, { delay: 30 })),
    pings('composed', [NODE1, NODE2]),

    queueLines({
      flows: readDelays({ file: 'matrix', text: MATRIX, roundTrip: false }, [NODE1, NODE2, NODE3]).map(
        ({ from, to, delay }) => ({ from: [from], to: [to], quality: { ...WHOLE, delay } }),
      ),
    }),
    pings('matrix', [NODE1, NODE2], [NODE1, NODE3], [NODE2, NODE3]),

    tableLines({ takings: [partition] }),
    pings('partition', [NODE1, NODE2], [NODE1, NODE3]),

    // Before 6.16 a chain goes with its device, and a text that names one that is not there fails.
    `ip link delete ${second.link}\n`,
    tableLines({ takings: [partition], devices: others }),
    linesOf(linksStep(cluster, present)),
    linesOf(insideStep(cluster, second)),
    tableLines({ takings: [partition] }),
    queueLines(slow(NODE3, NODE2, { delay: 40 })),
    pings('anew', [NODE1, NODE2], [NODE3, NODE2]),

    tableLines({
      doublings: [{ fault: 'f1', flows: [{ from: [NODE1, NODE3], to: [NODE2] }], share: 0.5, left: null }],
    }),
    queueLines(slow(NODE1, NODE2, { delay: 20 }), slow(NODE3, NODE2, { delay: 30 })),
    pings('twice', [NODE1, NODE2], [NODE3, NODE2]),
    tableLines({}),

    queueLines(slow(NODE1, NODE2, { delay: 200, reorder: 0.5 }), slow(NODE3, NODE2, { corrupt: 1 })),
    pings('reorder and corrupt', [NODE1, NODE2], [NODE3, NODE2]),

    queueLines(),
    pings('healed', [NODE1, NODE2], [NODE3, NODE2], [NODE2, NODE3]),
    `${say('whole again')}tc qdisc show\n`,
  ].join('');
}

/** What one `ping` says; times in milliseconds. */
interface Pinged {
  readonly times: readonly number[];
  readonly twice: number;
}

describe.skipIf(!hasGuest)(
  `netem in a kernel of Debian${hasGuest ? '' : ' (no qemu, or no test/netem-guest.sh yet)'}`,
  () => {
    let parts: ReadonlyMap<string, string>;

    beforeAll(async () => {
      const said = await inGuest(script());
      const blocks = said.split(/^== /m).map((block) => [block.split('\n', 1)[0] ?? '', block] as const);
      expect(said).not.toContain('FAILED');
      expect(said).toContain('script ended with 0');
      parts = new Map(blocks);
    });

    const part = (name: string) => parts.get(name) ?? '';
    const pinged = (name: string): Pinged => {
      const replies = [...part(name).matchAll(/time=([\d.]+) ms( \(DUP!\))?/g)];
      return {
        times: replies.filter(([, , dup]) => dup === undefined).map(([, time]) => Number(time)),
        twice: replies.filter(([, , dup]) => dup !== undefined).length,
      };
    };
    const fastest = (name: string) => Math.min(...pinged(name).times);

    /** By the fastest: a busy machine makes others slower. */
    function expectRoundTrip(name: string, milliseconds: number): void {
      expect(fastest(name), name).toBeGreaterThanOrEqual(milliseconds - 0.5);
      expect(fastest(name), name).toBeLessThan(milliseconds + 15);
    }

    test('is late one way and by how much it was told, and all other pairs are not', () => {
      expectRoundTrip('before: node1 node2', 0.5);
      const { times } = pinged('one way: node1 node2');
      expect(times.length).toBe(20);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(40);
      expect(Math.min(...times)).toBeLessThan(60);
      expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(5);
      expectRoundTrip('one way: node3 node2', 0.5);
      expectRoundTrip('one way: node1 node3', 0.5);
    });

    test('adds delays of faults, and of both ways', () => {
      expectRoundTrip('composed: node1 node2', 50 + 30 + 20);
    });

    test('goes by a matrix', () => {
      expectRoundTrip('matrix: node1 node2', 10 + 30);
      expectRoundTrip('matrix: node1 node3', 80);
      expectRoundTrip('matrix: node2 node3', 0.5);
    });

    test('holds with a partition, which takes what it took before', () => {
      expect(pinged('partition: node1 node2').times).toEqual([]);
      expectRoundTrip('partition: node1 node3', 80);
    });

    test('holds at a link that was made anew, and so does the partition', () => {
      expect(pinged('anew: node1 node2').times).toEqual([]);
      expectRoundTrip('anew: node3 node2', 40);
    });

    test('lets packets come twice from several to one', () => {
      for (const from of ['node1', 'node3']) {
        const { times, twice } = pinged(`twice: ${from} node2`);
        expect(times.length).toBe(20);
        expect(twice).toBeGreaterThan(2);
        expect(twice).toBeLessThan(18);
      }
      expectRoundTrip('twice: node3 node2', 30);
    });

    test('lets packets overtake others, and damages them', () => {
      const { times } = pinged('reorder and corrupt: node1 node2');
      const early = times.filter((time) => time < 150).length;
      expect(times.length).toBe(20);
      expect(early).toBeGreaterThan(2);
      expect(early).toBeLessThan(18);
      // The bit may be in the sender's MAC, at which nobody looks; checksums find all others.
      expect(pinged('reorder and corrupt: node3 node2').times.length).toBeLessThan(10);
    });

    test('is gone without a trace when it is healed', () => {
      for (const pair of ['node1 node2', 'node3 node2', 'node2 node3']) {
        expect(pinged(`healed: ${pair}`).times.length).toBe(20);
        expectRoundTrip(`healed: ${pair}`, 0.5);
      }
      const queues = (name: string) =>
        part(name)
          .match(/^qdisc.*$/gm)
          ?.sort();
      expect(queues('whole again')).toEqual(queues('whole'));
    });
  },
);
