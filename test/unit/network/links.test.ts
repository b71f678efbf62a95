import { expect, test } from 'vitest';
import { insideStep, linksStep } from '../../../src/network/links.js';
import { nodeOf, sampleCluster } from '../../fakes/cluster.js';

const cluster = sampleCluster(2);

test('one ip -batch makes bridge, namespaces and veth pairs, marked', () => {
  const step = linksStep(cluster);
  expect(step.makes).toEqual([
    { kind: 'links', group: 0x5dba1b2c },
    { kind: 'netns', name: 'dbns-east-node1' },
    { kind: 'netns', name: 'dbns-east-node2' },
  ]);
  expect(step.acts).toMatchInlineSnapshot(`
    [
      {
        "argv": [
          "ip",
          "-batch",
          "-",
        ],
        "do": "run",
        "input": "link add dbnsa1b2c group 1572477740 mtu 1500 address 02:db:a1:b2:c3:d4 type bridge
    link set dbnsa1b2c alias "dbns:a1b2c3d4 east" addrgenmode none up
    address add 10.200.0.1/24 dev dbnsa1b2c
    netns add dbns-east-node1
    link add dbnsa1b2cn1 group 1572477740 mtu 1500 type veth peer name eth0 address 02:db:0a:c8:00:02 mtu 1500 netns dbns-east-node1
    link set dbnsa1b2cn1 master dbnsa1b2c alias "dbns:a1b2c3d4 east/node1" addrgenmode none up
    netns add dbns-east-node2
    link add dbnsa1b2cn2 group 1572477740 mtu 1500 type veth peer name eth0 address 02:db:0a:c8:00:03 mtu 1500 netns dbns-east-node2
    link set dbnsa1b2cn2 master dbnsa1b2c alias "dbns:a1b2c3d4 east/node2" addrgenmode none up
    ",
      },
    ]
  `);
});

test.each([
  ['all is there', {}, []],
  ['the bridge was deleted', { bridge: false, plugged: [false, false] }, ['bridge', 'plug 1', 'plug 2']],
  ['a namespace was deleted, its server lives', { namespaces: [2] }, ['unlink 1', 'namespace 1', 'pair 1', 'plug 1']],
  ['a namespace is gone', { namespaces: [2], plugged: [null, true] }, ['namespace 1', 'pair 1', 'plug 1']],
  ['a link was deleted', { plugged: [true, null] }, ['pair 2', 'plug 2']],
  ['a link was taken from the bridge', { plugged: [false, true] }, ['plug 1']],
] as const)('where %s only what is missing is made', (_, changes, expected) => {
  const {
    bridge = true,
    namespaces = [1, 2],
    plugged = [true, true],
  } = changes as {
    bridge?: boolean;
    namespaces?: number[];
    plugged?: (boolean | null)[];
  };
  const present = {
    bridge,
    namespaces: new Set(namespaces.map((index) => `dbns-east-node${index}`)),
    plugged: new Map(
      plugged.flatMap((on, position) => (on === null ? [] : [[`dbnsa1b2cn${position + 1}`, on] as const])),
    ),
  };
  const [act] = linksStep(cluster, present).acts;
  const lines = act?.do === 'run' ? (act.input ?? '').trim().split('\n') : [];
  expect(lines.map(shortly).filter((line) => line !== '')).toEqual(expected);
});

function shortly(line: string): string {
  const [, node = ''] = /n(?:ode)?(\d)\b/.exec(line) ?? [];
  if (line.includes('type bridge')) return 'bridge';
  if (line.startsWith('link delete')) return `unlink ${node}`;
  if (line.startsWith('netns add')) return `namespace ${node}`;
  if (line.startsWith('link add')) return `pair ${node}`;
  return line.includes('master') ? `plug ${node}` : '';
}

test('the inside has an address and a way out', () => {
  expect(insideStep(cluster, nodeOf(cluster)).acts).toMatchInlineSnapshot(`
    [
      {
        "argv": [
          "ip",
          "-n",
          "dbns-east-node1",
          "-batch",
          "-",
        ],
        "do": "run",
        "input": "link set lo up
    address add 10.200.0.2/24 dev eth0
    link set eth0 addrgenmode none up
    route add default via 10.200.0.1
    ",
      },
    ]
  `);
});

test('an internal network has no way out', () => {
  const [act] = insideStep({ ...cluster, network: { ...cluster.network, uplinks: [] } }, nodeOf(cluster)).acts;
  expect(act?.do === 'run' ? act.input : '').not.toContain('default');
});

test('many nodes know each other without ARP, few do not', () => {
  const neighboursIn = (count: number) => {
    const many = sampleCluster(count);
    const [act] = insideStep(many, nodeOf(many, 2)).acts;
    const lines = act?.do === 'run' ? (act.input ?? '').split('\n') : [];
    return lines.filter((line) => line.startsWith('neighbour'));
  };
  expect(neighboursIn(16)).toEqual([]);
  expect(neighboursIn(17)).toHaveLength(16);
  expect(neighboursIn(17).slice(0, 2)).toEqual([
    'neighbour add 10.200.0.2 lladdr 02:db:0a:c8:00:02 dev eth0 nud permanent',
    'neighbour add 10.200.0.4 lladdr 02:db:0a:c8:00:04 dev eth0 nud permanent',
  ]);
});
