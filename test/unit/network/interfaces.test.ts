import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { observeInterfaces, readInterfaces } from '../../../src/network/interfaces.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { tablesOf, type Table } from '../../../src/network/rules.js';
import { judgeTable } from '../../../src/network/table-state.js';
import { endpointOf } from '../../../src/lifecycle/network/endpoint.js';
import { nodeOf, sampleCluster } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

/** What iproute2 6.1 and nftables 1.0.6 printed: node2 was unplugged, and its eth0 set down. */
const recorded = (name: string) => readFileSync(path.join(import.meta.dirname, 'recorded', `${name}.txt`), 'utf8');
const cluster = sampleCluster(3);

describe('readInterfaces', () => {
  test('knows the bridge, ports and their states, and leaves out what is of others', () => {
    const links = readInterfaces(recorded('ip-links-of-cluster'));
    expect(links.map(({ name, bridge, port, up, carrier }) => ({ name, bridge, port, up, carrier }))).toEqual([
      { name: 'dbnsa1b2c', bridge: null, port: null, up: true, carrier: true },
      { name: 'dbnsa1b2cn1', bridge: 'dbnsa1b2c', port: 'forwarding', up: true, carrier: true },
      { name: 'dbnsa1b2cn2', bridge: null, port: null, up: true, carrier: false },
    ]);
    expect(links[0]).toMatchObject({ mac: '02:db:a1:b2:c3:d4', addresses: ['10.200.0.1/24'] });
  });

  test('knows what a node has sent and received', () => {
    const eth0 = readInterfaces(recorded('ip-inside-node')).find(({ name }) => name === 'eth0');
    expect(eth0).toMatchObject({ mac: '02:db:0a:c8:00:02', addresses: ['10.200.0.2/24'], carrier: true });
    expect(eth0?.sent.packets).toBeGreaterThan(0);
    expect(eth0?.received.bytes).toBeGreaterThan(eth0?.received.packets ?? 0);
    expect(eth0?.sent).toMatchObject({ dropped: 0, errors: 0 });
  });

  test.each(['', '[]', '[{},{}]'])('of %j there is nothing to know', (text) => {
    expect(readInterfaces(text)).toEqual([]);
  });
});

test('what is gone is told of each node, and hides nothing of the others', async () => {
  const answers: Readonly<Record<string, string>> = {
    group: recorded('ip-links-of-cluster'),
    'dbns-east-node1': recorded('ip-inside-node'),
    'dbns-east-node2': recorded('ip-inside-node-down'),
  };
  const machine = fakeMachine({
    files: { '/run/netns/dbns-east-node1': '', '/run/netns/dbns-east-node2': '' },
    answer: (argv) => ({ stdout: Object.entries(answers).find(([word]) => argv.includes(word))?.[1] ?? '' }),
  });
  const present = await observeInterfaces(machine, cluster);
  const [first, second, third] = cluster.nodes.map((node) => endpointOf(cluster.network, node, present));
  expect(first).toMatchObject({ node: 'node1', inside: { name: 'eth0' }, outside: { port: 'forwarding' }, amiss: [] });
  expect(second?.amiss).toEqual(['eth0 is down', 'its end dbnsa1b2cn2 is not plugged into dbnsa1b2c']);
  expect(third).toMatchObject({ inside: null, outside: null, amiss: ['the namespace dbns-east-node3 is gone'] });
  expect(machine.ran).toHaveLength(3);
});

test('a namespace that can’t be entered, an address that was taken away, and an end that is gone', () => {
  const [eth0] = readInterfaces(recorded('ip-inside-node')).filter(({ name }) => name === 'eth0');
  if (eth0 === undefined) throw new Error('no eth0');
  const node = nodeOf(cluster, 1);
  const amiss = (inside: string | readonly (typeof eth0)[]) =>
    endpointOf(cluster.network, node, {
      machine: new Map(),
      nodes: new Map([
        ['node1', typeof inside === 'string' ? inside : new Map(inside.map((each) => [each.name, each]))],
      ]),
    }).amiss;
  const end = 'its end dbnsa1b2cn1 is gone from the machine';
  expect(amiss("it can't be entered")).toEqual(["it can't be entered"]);
  expect(amiss([])).toEqual(['its namespace has no eth0', end]);
  expect(amiss([{ ...eth0, addresses: [] }])).toEqual(['eth0 has not its address 10.200.0.2/24', end]);
  expect(amiss([{ ...eth0, carrier: false, mac: '02:00:00:00:00:01' }])).toEqual([
    ...['eth0 has not its MAC 02:db:0a:c8:00:02', end],
    'eth0 has no carrier',
  ]);
});

const tableOf = (of: Cluster): Table => {
  const [table] = tablesOf(of);
  if (table === undefined) throw new Error('no table');
  return table;
};

describe('judgeTable', () => {
  const text = recorded('nft-table-of-cluster');

  test('knows the table that was made', () => {
    expect(judgeTable(text, cluster, tableOf(cluster))).toBe('in force');
  });

  test.each<[string, string]>([
    ['a rule less', text.replace('\t\tiifname "dbnsa1b2c" drop\n', '')],
    ['a rule more', text.replace('\t\tiifname "dbnsa1b2c" drop\n', '\t\taccept\n$&')],
    ['a chain less', text.replace('chain output', 'chain other')],
    ['another’s mark', text.replace('dbns:a1b2c3d4', 'dbns:00000000')],
    ['nothing in it', 'table inet dbns-east {\n}\n'],
  ])('%s: changed', (_, changed) => {
    expect(changed).not.toBe(text);
    expect(judgeTable(changed, cluster, tableOf(cluster))).toBe('changed');
  });

  test('an internal cluster has other rules', () => {
    const internal = { ...cluster, network: { ...cluster.network, uplinks: [] } };
    expect(judgeTable(text, internal, tableOf(internal))).toBe('changed');
  });
});
