import { expect, test } from 'vitest';
import { networkGraph } from '../../../src/cli/network-graph.js';
import type { ClusterNetworks, Interface } from '../../../src/lifecycle/network/view.js';

const traffic = { bytes: 1, packets: 1, errors: 0, dropped: 0 };
const link = (name: string, changes: Partial<Interface> = {}): Interface => ({
  ...{
    name,
    mac: '02:db:0a:c8:00:02',
    mtu: 1500,
    addresses: [],
    peers: [],
    up: true,
    carrier: true,
    bridge: null,
    port: null,
  },
  ...{ received: traffic, sent: traffic },
  ...changes,
});
const place = { namespace: '', zone: null, mac: '', amiss: [] };

const clusters: readonly ClusterNetworks[] = [
  {
    cluster: 'east',
    networks: [
      {
        ...{ name: 'net1', subnet: '10.200.0.0/24', gateway: '10.200.0.1', bridge: 'dbnsa1b2c', internal: false },
        ...{ layout: 'bridge', lan: null, zones: [], ipv6: null },
        ...{ mtu: 1500, uplinks: ['we"ird'], interface: link('dbnsa1b2c'), amiss: [] },
        rules: { tables: [{ table: 'inet dbns-east', state: 'in force' }], sentences: [] },
        endpoints: [
          {
            ...{ ...place, node: 'node1', address: '10.200.0.2', ipv6: null, inside: link('eth0'), joined: true },
            outside: link('dbnsa1b2cn1', { bridge: 'dbnsa1b2c', port: 'forwarding' }),
          },
          { ...place, node: 'node2', address: '10.200.0.3', ipv6: null, inside: null, outside: null, joined: false },
        ],
      },
    ],
  },
];

test('mermaid: what is gone is dashed', () => {
  expect(networkGraph(clusters, 'mermaid')).toMatchInlineSnapshot(`
    "flowchart LR
      subgraph g0["east 10.200.0.0/24"]
        c0n0up0["outside<br>we#quot;ird"]
        c0n0bridge["dbnsa1b2c<br>10.200.0.1"]
        c0n0e0["node1<br>10.200.0.2"]
        c0n0e1["node2<br>10.200.0.3"]
        style c0n0e1 stroke-dasharray: 4
        c0n0up0 ---|"NAT"| c0n0bridge
        c0n0bridge ---|"dbnsa1b2cn1"| c0n0e0
        c0n0bridge -.-|"missing"| c0n0e1
      end"
  `);
});

test('dot: the same', () => {
  expect(networkGraph(clusters, 'dot')).toMatchInlineSnapshot(`
    "graph dbns {
      rankdir=LR;
      node [shape=box];
      subgraph cluster_0 {
        label="east 10.200.0.0/24";
        c0n0up0 [label="outside\\nwe\\"ird"];
        c0n0bridge [label="dbnsa1b2c\\n10.200.0.1"];
        c0n0e0 [label="node1\\n10.200.0.2"];
        c0n0e1 [label="node2\\n10.200.0.3", style=dashed];
        c0n0up0 -- c0n0bridge [label="NAT"];
        c0n0bridge -- c0n0e0 [label="dbnsa1b2cn1"];
        c0n0bridge -- c0n0e1 [label="missing", style=dashed];
      }
    }"
  `);
});

const [east] = clusters[0]?.networks ?? [];
const zone = (name: string, bridge: string | null) => ({
  ...{ name, subnet: `10.200.0.${name === 'a' ? 0 : 128}/25`, gateway: `10.200.0.${name === 'a' ? 1 : 129}`, bridge },
  interface: bridge === null ? null : link(bridge),
});
const inZones = (bridges: readonly (string | null)[]): readonly ClusterNetworks[] =>
  east === undefined
    ? []
    : [
        {
          cluster: 'east',
          networks: [
            {
              ...{ ...east, uplinks: [], gateway: null, bridge: null, interface: null },
              layout: bridges.includes(null) ? 'routed' : 'bridge',
              lan: null,
              zones: bridges.map((bridge, at) => zone(at === 0 ? 'a' : 'b', bridge)),
              endpoints: east.endpoints.map((endpoint, at) => ({ ...endpoint, zone: at === 0 ? 'a' : 'b' })),
            },
          ],
        },
      ];

test('zones hang on the machine, and nodes on zones', () => {
  const edges = (bridges: readonly (string | null)[]) =>
    networkGraph(inZones(bridges), 'mermaid')
      .split('\n')
      .flatMap((line) => /^ *(\w+) -\.?-+\|.*\| (\w+)/.exec(line)?.slice(1).join(' ') ?? []);
  const expected = ['c0n0machine c0n0zonea', 'c0n0machine c0n0zoneb', 'c0n0zonea c0n0e0', 'c0n0zoneb c0n0e1'];
  expect(edges(['dbnsa1b2cza', 'dbnsa1b2czb'])).toEqual(expected);
  expect(edges([null, null])).toEqual(expected);
});

test('routed, nodes hang on the machine itself', () => {
  const routed = inZones([]).map((each) => ({
    ...each,
    networks: each.networks.map((network) => ({ ...network, layout: 'routed' as const, gateway: '10.200.0.1' })),
  }));
  expect(networkGraph(routed, 'mermaid')).toContain('c0n0machine ---|"dbnsa1b2cn1"| c0n0e0');
});
