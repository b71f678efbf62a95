import { describe, expect, test } from 'vitest';
import { NO_RULES } from '../../../src/cluster/rules.js';
import { insideNames } from '../../../src/network/insides.js';
import { tablesOf } from '../../../src/network/rules.js';
import { segmentOf } from '../../../src/network/segment.js';
import { sampleCluster, zonedCluster, nodeOf } from '../../fakes/cluster.js';

const SHAPES = {
  bridge: sampleCluster(4),
  zones: zonedCluster(4, 2),
  routed: zonedCluster(4, 1, true),
  'routed zones': zonedCluster(4, 2, true),
};

/** A proxy at an address of the first zone. */
const withProxy = (cluster: (typeof SHAPES)['bridge']) => ({
  ...cluster,
  companions: [
    {
      ...{ ...nodeOf(cluster), name: 'proxy1', address: '10.200.0.100', link: 'dbnsa1b2ch2s', kind: 'haproxy' },
      ...{ phase: 'added' as const, settings: {} },
    },
  ],
});

const rulesOf = (cluster: (typeof SHAPES)['bridge']) =>
  tablesOf(cluster, NO_RULES).flatMap(({ family, chains }) =>
    chains.flatMap(({ name, rules }) => rules.map(({ nft }) => `${family} ${name}: ${nft}`)),
  );

describe('the rules of all shapes', () => {
  test('are the same, but for what a route of its own to each host asks for', () => {
    const stray = 'ip daddr 10.200.0.0/24 oifname != "dbnsa1b2c*" oifname != "lo"';
    const strays = [`inet forward: ${stray} drop`, `inet output: ${stray} reject with icmp type host-unreachable`];
    for (const shape of [SHAPES.zones, SHAPES.routed, SHAPES['routed zones']]) {
      expect(rulesOf(shape).filter((rule) => !strays.includes(rule))).toEqual(rulesOf(SHAPES.bridge));
      expect(rulesOf(shape).filter((rule) => strays.includes(rule))).toEqual(strays);
    }
  });

  test('stand before what lets packets out', () => {
    const forward = rulesOf(SHAPES.routed).filter((rule) => rule.startsWith('inet forward'));
    expect(forward.findIndex((rule) => rule.includes('ip daddr'))).toBeLessThan(
      forward.findIndex((rule) => rule.endsWith('oifname { "eth0" } accept')),
    );
  });

  test.each([
    ['bridge', 'bridge'],
    ['zones', 'bridge'],
    ['routed', 'inet'],
  ] as const)('of %s keep a proxy from where servers meet in the family %s', (shape, family) => {
    const members = rulesOf(withProxy(SHAPES[shape])).filter((rule) => rule.includes(' members: '));
    expect(members).toHaveLength(1);
    expect(members[0]).toMatch(new RegExp(`^${family} members: iifname \\{ "dbnsa1b2ch2s" \\} ip daddr`));
  });
});

test('what comes from hosts comes by bridges, or by each link', () => {
  const names = ({ network, nodes }: (typeof SHAPES)['bridge']) => insideNames(network, nodes).join(' ');
  expect(names(SHAPES.bridge)).toBe('dbnsa1b2c');
  expect(names(SHAPES.zones)).toBe('dbnsa1b2cza dbnsa1b2czb');
  expect(names(SHAPES.routed)).toBe('dbnsa1b2cn1 dbnsa1b2cn2 dbnsa1b2cn3 dbnsa1b2cn4');
});

describe('the machine’s end is joined', () => {
  const joined = (shape: keyof typeof SHAPES, bridge: string | null, ...addresses: string[]) =>
    segmentOf(SHAPES[shape].network, nodeOf(SHAPES[shape], 2)).isJoined({ bridge, addresses });

  test('where it is on the bridge of its zone', () => {
    expect(joined('zones', 'dbnsa1b2czb')).toBe(true);
    expect(joined('zones', 'dbnsa1b2cza')).toBe(false);
    expect(joined('bridge', null)).toBe(false);
  });

  test('where it has the gateway’s address and the host’s as peer, and is on no bridge', () => {
    expect(joined('routed', null, '10.200.0.1', '10.200.0.3')).toBe(true);
    expect(joined('routed', null, '10.200.0.1')).toBe(false);
    expect(joined('routed', 'br0', '10.200.0.1', '10.200.0.3')).toBe(false);
  });
});
