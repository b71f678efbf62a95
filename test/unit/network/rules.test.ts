import { expect, test } from 'vitest';
import { sentencesOf, tablesOf } from '../../../src/network/rules.js';
import { NO_RULES } from '../../../src/cluster/rules.js';
import { sampleCluster } from '../../fakes/cluster.js';

const cluster = sampleCluster(2);
const sentences = (uplinks: readonly string[]) =>
  sentencesOf({ ...cluster, network: { ...cluster.network, uplinks } }, NO_RULES);

test('every rule has its sentence', () => {
  expect(sentences(['eth0', 'tun0'])).toMatchInlineSnapshot(`
    [
      "What leaves 10.200.0.0/24 by eth0, tun0 has the machine's own address there (NAT).",
      "Nodes reach each other.",
      "Nodes reach the outside by eth0, tun0.",
      "Answers to that come back in by eth0, tun0.",
      "Nothing else that comes from a node is forwarded: no other cluster, no other network.",
      "Nothing else is forwarded to a node: no other cluster, nothing from outside.",
      "Connections from the machine to the ports 4444, 4567, 4568, where servers meet, go on once they stand.",
      "Of the machine's users root reaches the ports 4444, 4567, 4568, where servers meet.",
      "All other users of the machine are refused the ports 4444, 4567, 4568, where servers meet.",
    ]
  `);
});

test('without a way out nothing is said of one, and without such ports nothing of them', () => {
  expect(sentences([]).join('\n')).not.toMatch(/outside by|NAT/);
  const nodes = cluster.nodes.map((node) => ({ ...node, ports: { client: 3306 } }));
  expect(tablesOf({ ...cluster, nodes }).flatMap(({ chains }) => chains.map(({ name }) => name))).toEqual([
    'postrouting',
    'forward',
  ]);
});
