import { describe, expect, test } from 'vitest';
import { flowsToStrangers, hostsInZone, inZones } from '../../../../src/lifecycle/faults/in-zones.js';
import { nodesIn } from '../../../../src/lifecycle/choose.js';
import { nodeOf, sampleCluster, zonedCluster } from '../../../fakes/cluster.js';

const zoned = zonedCluster(4, 2);
const proxy = (name: string, address: string) => ({
  ...{ ...nodeOf(zoned), name, address, kind: 'haproxy', phase: 'added' as const, settings: {} },
});
const cluster = { ...zoned, companions: [proxy('proxy1', '10.200.0.9'), proxy('proxy2', '10.200.0.140')] };

test('a zone has its nodes and its proxies', () => {
  expect(hostsInZone(cluster, 'a')).toEqual(['node1', 'node3', 'proxy1']);
  expect(() => hostsInZone(cluster, 'c')).toThrow('There is no zone c: there are a, b.');
  expect(() => hostsInZone(sampleCluster(), 'a')).toThrow('the network is not divided');
});

test('where hosts are named a zone stands for all of its own, and only where there are zones', () => {
  expect(inZones(cluster, ['b', 'node1'])).toEqual(['node2', 'node4', 'proxy2', 'node1']);
  expect(inZones(sampleCluster(), ['a'])).toEqual(['a']);
});

test('a zone is kept from the proxies of others too', () => {
  expect(flowsToStrangers(cluster, [['node1', 'node3', 'proxy1']])).toEqual([
    { from: ['node1', 'node3', 'proxy1'], to: ['proxy2'] },
    { from: ['proxy2'], to: ['node1', 'node3', 'proxy1'] },
  ]);
  expect(flowsToStrangers(zoned, [['node1', 'node3']])).toEqual([]);
});

describe('nodes are chosen by their zone', () => {
  const names = (words: Parameters<typeof nodesIn>[1]) => nodesIn(cluster, words).map(({ name }) => name);

  test('alone, and with their role', () => {
    expect(names({ names: [], zone: 'b' })).toEqual(['node2', 'node4']);
    expect(names({ names: [], zone: 'b', role: 'member' })).toEqual(['node2', 'node4']);
    expect(() => names({ names: [], zone: 'b', role: 'primary' })).toThrow('is primary in zone b');
  });
});
