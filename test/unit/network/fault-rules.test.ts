import { describe, expect, test } from 'vitest';
import { NO_RULES } from '../../../src/cluster/rules.js';
import { faultChains, faultObjects, type Taking } from '../../../src/network/fault-rules.js';
import { pairsOf } from '../../../src/network/pairs.js';
import { tablesOf } from '../../../src/network/rules.js';
import { ruleset } from '../../../src/network/ruleset.js';
import { sampleCluster } from '../../fakes/cluster.js';

const cluster = sampleCluster(3);
const servers = cluster.nodes.map(({ name }) => name);
const ISOLATED = [
  { from: ['node1'], to: 'rest' },
  { from: 'rest', to: ['node1'] },
] as const;
const TAKING: Taking = {
  ...{ fault: 'f1', flows: ISOLATED, channel: null, newOnly: false, reset: false, share: 1, left: null },
};
const REPLICATION = { name: 'replication', ports: [4567], between: 'servers', servers } as const;
const CLIENT = { name: 'client', ports: [3306], between: 'clients', servers } as const;

const of = (...takings: readonly Taking[]) => ({ takings, doublings: [], counts: new Map(), devices: ['v1', 'v2'] });
const rules = (taking: Partial<Taking>) =>
  faultChains(cluster, of({ ...TAKING, ...taking })).flatMap((chain) => chain.rules.map(({ nft }) => nft));

describe('pairs', () => {
  test('the rest is the other nodes; for clients it is everybody', () => {
    expect(pairsOf(cluster, ISOLATED, null).map(String)).toEqual([
      ...['node1,node2', 'node1,node3', 'node2,node1', 'node3,node1'],
    ]);
    expect(pairsOf(cluster, ISOLATED, CLIENT).map(String)).toEqual(['node1,gateway', 'gateway,node1']);
  });

  test('between servers a channel of servers is all, and one of clients nothing', () => {
    const flows = [{ from: ['node1'], to: ['node2'] }];
    expect(pairsOf(cluster, flows, REPLICATION)).toHaveLength(1);
    expect(pairsOf(cluster, flows, CLIENT)).toEqual([]);
    // A router is a client of the others.
    expect(pairsOf(cluster, flows, { ...CLIENT, servers: ['node2', 'node3'] })).toHaveLength(1);
  });

  test('who is not there is left out, and nobody is cut off from himself', () => {
    expect(pairsOf(cluster, [{ from: ['node1', 'node9'], to: ['node1', 'node2'] }], null).map(String)).toEqual([
      'node1,node2',
    ]);
  });
});

test('the text of two faults, one with an end', () => {
  const takings = of({ ...TAKING, left: 30_000 }, { ...TAKING, fault: 'f2', channel: REPLICATION, reset: true });
  const counted = { ...takings, counts: new Map([['f1', { packets: 7, bytes: 420 }]]) };
  const text = ruleset(cluster, NO_RULES, counted);
  expect(text.slice(text.indexOf('  counter'), text.indexOf('  chain post'))).toMatchInlineSnapshot(`
    "  counter f1 {
        packets 7 bytes 420
      }

      counter f2 {
        packets 0 bytes 0
      }

      set f1_1 {
        type ipv4_addr . ipv4_addr
        flags timeout
        elements = { 10.200.0.2 . 10.200.0.3 timeout 30000ms, 10.200.0.2 . 10.200.0.4 timeout 30000ms, 10.200.0.3 . 10.200.0.2 timeout 30000ms, 10.200.0.4 . 10.200.0.2 timeout 30000ms }
      }

      set f2_2 {
        type ipv4_addr . ipv4_addr
        elements = { 10.200.0.2 . 10.200.0.3, 10.200.0.2 . 10.200.0.4, 10.200.0.3 . 10.200.0.2, 10.200.0.4 . 10.200.0.2 }
      }

    "
  `);
  expect(text.slice(text.indexOf('  chain faults'))).toMatchInlineSnapshot(`
    "  chain faults {
        type filter hook ingress devices = { "v1", "v2" } priority filter; policy accept;
        ip saddr . ip daddr @f1_1 counter name "f1" drop
        ip saddr . ip daddr @f2_2 meta l4proto tcp th dport { 4567 } counter name "f2" reject with tcp reset
        ip saddr . ip daddr @f2_2 meta l4proto { tcp, udp } th dport { 4567 } counter name "f2" drop
        ip saddr . ip daddr @f2_2 meta l4proto tcp th sport { 4567 } counter name "f2" reject with tcp reset
        ip saddr . ip daddr @f2_2 meta l4proto { tcp, udp } th sport { 4567 } counter name "f2" drop
      }
    }
    "
  `);
});

test('one that is over, or about nobody, has no rules; without devices there is no chain of theirs', () => {
  expect(rules({ flows: [{ from: ['node8'], to: ['node9'] }] })).toEqual([]);
  const chains = faultChains(cluster, { ...of(TAKING), devices: [] });
  expect(chains.flatMap((chain) => chain.rules)).toEqual([]);
  expect(faultObjects(cluster, of())).toEqual([]);
});

test('the machine is known by what it is not', () => {
  expect(rules({ flows: [{ from: ['node1'], to: ['gateway'] }] })).toEqual([
    'ip saddr @f1_1_up ip daddr != { 10.200.0.2, 10.200.0.3, 10.200.0.4 } counter name "f1" drop',
  ]);
  expect(rules({ flows: [{ from: ['gateway'], to: ['node1'] }] })).toEqual([
    expect.stringMatching(/^oifname "dbns\w+\*" ip daddr @f1_1_down counter name "f1" drop$/),
    expect.stringMatching(/^iifname != "dbns\w+\*" oifname "dbns\w+\*" ip daddr @f1_1_down counter name "f1" drop$/),
  ]);
});

test('new connections alone, and a share of the packets', () => {
  expect(rules({ newOnly: true })).toEqual([
    'ip saddr . ip daddr @f1_1 tcp flags & (fin | syn | rst | ack) == syn counter name "f1" drop',
  ]);
  expect(rules({ share: 0.05 })).toEqual([
    'ip saddr . ip daddr @f1_1 numgen random mod 10000 < 500 counter name "f1" drop',
  ]);
});

test('every rule has its sentence', () => {
  const [table] = tablesOf(cluster, NO_RULES, of({ ...TAKING, reset: true }));
  const faults = table?.chains.find(({ name }) => name === 'faults');
  expect(faults?.rules.map(({ means }) => means)).toEqual([
    'The fault f1 refuses by resets packets between those whom it names.',
    'The fault f1 takes packets between those whom it names.',
  ]);
});
