import { expect, test } from 'vitest';
import { insideStep, linksStep } from '../../../src/network/links.js';
import { nodeOf, sampleCluster, zonedCluster } from '../../fakes/cluster.js';

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
  ['the bridge was deleted', { bridges: [], plugged: [false, false] }, ['bridge', 'plug 1', 'plug 2']],
  ['a namespace was deleted, its server lives', { namespaces: [2] }, ['unlink 1', 'namespace 1', 'pair 1', 'plug 1']],
  ['a namespace is gone', { namespaces: [2], plugged: [null, true] }, ['namespace 1', 'pair 1', 'plug 1']],
  ['a link was deleted', { plugged: [true, null] }, ['pair 2', 'plug 2']],
  ['a link was taken from the bridge', { plugged: [false, true] }, ['plug 1']],
] as const)('where %s only what is missing is made', (_, changes, expected) => {
  const {
    bridges = ['dbnsa1b2c'],
    namespaces = [1, 2],
    plugged = [true, true],
  } = changes as {
    bridges?: string[];
    namespaces?: number[];
    plugged?: (boolean | null)[];
  };
  const present = {
    bridges: new Set(bridges),
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
    route add default via 10.200.0.1 dev eth0
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

const inputOf = (step: ReturnType<typeof linksStep>) => {
  const [act] = step.acts;
  return act?.do === 'run' ? (act.input ?? '') : '';
};

test('zones have a bridge each, and nodes a route to the others by their gateway', () => {
  const zoned = zonedCluster();
  expect(linksStep(zoned).step).toBe('make bridge dbnsa1b2cza and bridge dbnsa1b2czb and 4 namespaces');
  const lines = inputOf(linksStep(zoned)).split('\n');
  expect(lines.filter((line) => /^address|type bridge/.test(line))).toEqual([
    'link add dbnsa1b2cza group 1572477740 mtu 1500 address 02:db:a1:b2:c3:d4 type bridge',
    'address add 10.200.0.1/25 dev dbnsa1b2cza',
    'link add dbnsa1b2czb group 1572477740 mtu 1500 address 02:db:a1:b2:c3:d4 type bridge',
    'address add 10.200.0.129/25 dev dbnsa1b2czb',
  ]);
  expect(lines.flatMap((line) => / (\w+) master (\w+)/.exec(line)?.slice(1).join(' ') ?? [])).toEqual([
    ...['dbnsa1b2cn1 dbnsa1b2cza', 'dbnsa1b2cn2 dbnsa1b2czb', 'dbnsa1b2cn3 dbnsa1b2cza', 'dbnsa1b2cn4 dbnsa1b2czb'],
  ]);
  expect(inputOf(insideStep(zoned, nodeOf(zoned, 2)))).toBe(`link set lo up
address add 10.200.0.130/25 dev eth0
link set eth0 addrgenmode none up
route add default via 10.200.0.129 dev eth0
`);
  const inside = { ...zoned, network: { ...zoned.network, uplinks: [] } };
  expect(inputOf(insideStep(inside, nodeOf(zoned, 2)))).toContain(
    '\nroute add 10.200.0.0/24 via 10.200.0.129 dev eth0\n',
  );
});

test('one bridge of several that was deleted is made again, and no other', () => {
  const zoned = zonedCluster();
  const present = {
    bridges: new Set(['dbnsa1b2cza']),
    namespaces: new Set(zoned.nodes.map(({ namespace }) => namespace)),
    plugged: new Map(zoned.nodes.map(({ link }, at) => [link, at % 2 === 0])),
  };
  expect(inputOf(linksStep(zoned, present)).split('\n').map(shortly).filter(Boolean)).toEqual([
    ...['bridge', 'plug 2', 'plug 4'],
  ]);
});

test('routed, the machine’s end leads to its node alone, and the node’s next hop is the same everywhere', () => {
  const routed = zonedCluster(2, 1, true);
  expect(linksStep(routed).step).toBe('make 2 namespaces');
  expect(inputOf(linksStep(routed))).toBe(`netns add dbns-east-node1
link add dbnsa1b2cn1 group 1572477740 mtu 1500 address 02:db:0a:c8:00:01 type veth peer name eth0 address 02:db:0a:c8:00:02 mtu 1500 netns dbns-east-node1
link set dbnsa1b2cn1 alias "dbns:a1b2c3d4 east/node1" addrgenmode none up
address replace 10.200.0.1 peer 10.200.0.2/32 dev dbnsa1b2cn1
netns add dbns-east-node2
link add dbnsa1b2cn2 group 1572477740 mtu 1500 address 02:db:0a:c8:00:01 type veth peer name eth0 address 02:db:0a:c8:00:03 mtu 1500 netns dbns-east-node2
link set dbnsa1b2cn2 alias "dbns:a1b2c3d4 east/node2" addrgenmode none up
address replace 10.200.0.1 peer 10.200.0.3/32 dev dbnsa1b2cn2
`);
  expect(inputOf(insideStep(routed, nodeOf(routed)))).toBe(`link set lo up
address add 10.200.0.2/32 dev eth0
link set eth0 addrgenmode none up
neighbour replace 169.254.1.1 lladdr 02:db:0a:c8:00:01 dev eth0 nud permanent
route add default via 169.254.1.1 onlink dev eth0
`);
  const borrowed = { ...nodeOf(routed), namespace: 'dbns-east-app.attached' };
  expect(inputOf(insideStep(routed, borrowed))).toContain(
    '\nroute add 10.200.0.0/24 via 169.254.1.1 onlink dev dbns0\n',
  );
});
