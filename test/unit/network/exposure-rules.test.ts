import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Exposure } from '../../../src/cluster/rules.js';
import { exposureChains, exposurePasses, exposureSources } from '../../../src/network/exposure-rules.js';
import { sampleCluster } from '../../fakes/cluster.js';

const cluster = sampleCluster(2);
const internal: Cluster = { ...cluster, network: { ...cluster.network, internal: true, uplinks: [] } };

const exposure = (bind: string, changes: Partial<Exposure> = {}): Exposure => ({
  ...{ bind, hostPort: 3307, to: { host: 'node2' }, port: 3306, leadsTo: 'node2' },
  ...changes,
});

function rulesOf(of: Cluster, ...exposures: Exposure[]) {
  const chains = exposureChains(of, exposures);
  const chain = (name: string) => chains.find((one) => one.name === name)?.rules.map(({ nft }) => nft);
  return {
    ...{ raw: chain('raw'), prerouting: chain('prerouting'), local: chain('local') },
    sources: exposureSources(of, exposures).map(({ nft }) => nft),
    passes: exposurePasses(of, exposures).map(({ nft }) => nft),
  };
}

const GUARD = ['iifname "dbnsa1b2c*" ip daddr 127.0.0.0/8 drop'];
const FROM_LOOPBACK = 'ip saddr 127.0.0.0/8 oifname "dbnsa1b2c*" masquerade';
const PASSES = [
  'oifname "dbnsa1b2c*" ct status dnat accept',
  'iifname "dbnsa1b2c*" ct state established,related ct status dnat accept',
];

test('on loopback: for the machine alone, and nodes are kept from its loopback', () => {
  expect(rulesOf(cluster, exposure('127.0.0.1'))).toEqual({
    raw: GUARD,
    prerouting: [],
    local: ['ip daddr 127.0.0.1 tcp dport 3307 dnat ip to 10.200.0.3:3306'],
    sources: [FROM_LOOPBACK],
    passes: [],
  });
});

test('on an address of the machine: from outside too, and loopback is left alone', () => {
  expect(rulesOf(cluster, exposure('192.0.2.1'))).toEqual({
    raw: [],
    prerouting: ['iifname != "dbnsa1b2c*" ip daddr 192.0.2.1 tcp dport 3307 dnat ip to 10.200.0.3:3306'],
    local: ['ip daddr 192.0.2.1 tcp dport 3307 dnat ip to 10.200.0.3:3306'],
    sources: [],
    passes: PASSES,
  });
});

test('on all addresses: loopback is one of them', () => {
  const { raw, local, sources } = rulesOf(cluster, exposure('0.0.0.0'));
  expect(raw).toEqual(GUARD);
  expect(local).toEqual(['fib daddr type local tcp dport 3307 dnat ip to 10.200.0.3:3306']);
  expect(sources).toEqual([FROM_LOOPBACK]);
});

test('where nodes have no way out, what comes has the address of the gateway', () => {
  expect(rulesOf(internal, exposure('192.0.2.1')).sources).toEqual(['oifname "dbnsa1b2c*" ct status dnat masquerade']);
});

test('what leads to nobody leads nowhere, and nodes are kept from the loopback all the same', () => {
  const nobody = exposure('127.0.0.1', { to: { role: 'primary' }, leadsTo: null });
  expect(rulesOf(cluster, nobody)).toMatchObject({ raw: GUARD, prerouting: [], local: [] });
});
