import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { topologyNamed } from '../../../src/topologies/registry.js';
import { sourcesOf, type Shape } from '../../../src/topologies/replication/shapes.js';
import { nodeOf, sampleCluster } from '../../fakes/cluster.js';

const mayRebuild = (cluster: Cluster, node: number, role: string | null) => () => {
  topologyNamed(cluster.topology).rebuild.assertMay(cluster, nodeOf(cluster, node), role);
};
const names = ['node1', 'node2', 'node3'];
const replicationOf = (shape: Shape, delays = {}) =>
  sampleCluster(3, { topology: 'replication', settings: { shape, sources: sourcesOf(shape, names), delays } });

describe('who may be rebuilt', () => {
  test('a replica of a star or a chain, and not its primary: it is said whom to promote', () => {
    for (const shape of ['star', 'chain'] as const) {
      expect(mayRebuild(replicationOf(shape), 2, 'replica')).not.toThrow();
      expect(mayRebuild(replicationOf(shape), 1, null)).toThrow('node1 is the primary: promote another first.');
    }
    try {
      mayRebuild(replicationOf('star', { node2: 60 }), 1, 'primary')();
    } catch (error) {
      expect(error).toMatchObject({ exitCode: 5, suggestions: ['dbns promote east node3', 'dbns rebuild east node1'] });
    }
  });

  test.each(['ring', 'all-masters'] as const)('any node of the shape %s: each has what all have', (shape) => {
    expect(mayRebuild(replicationOf(shape), 2, 'primary')).not.toThrow();
  });

  test('of a fan-in who gathers, and no source', () => {
    const roles = [1, 2, 3].map((index) => mayRebuild(replicationOf('fan-in'), index, 'primary'));
    const refused = roles.filter((may) => {
      try {
        may();
        return false;
      } catch (error) {
        expect(String(error)).toContain('is a source, and nobody has what it has');
        return true;
      }
    });
    expect(refused).toHaveLength(2);
  });

  test('a member of a group that is not its only primary', () => {
    const group = (multiPrimary: boolean) => sampleCluster(3, { topology: 'group', settings: { multiPrimary } });
    expect(mayRebuild(group(false), 1, 'secondary')).not.toThrow();
    expect(mayRebuild(group(true), 1, 'primary')).not.toThrow();
    expect(mayRebuild(group(false), 1, null)).not.toThrow();
    expect(mayRebuild(group(false), 1, 'primary')).toThrow('node1 is the primary: promote another first.');
  });

  test('each node of Galera', () => {
    expect(mayRebuild(sampleCluster(3), 1, 'member')).not.toThrow();
  });

  test('a member of a set that has other data members, and is no primary', () => {
    const mongo = sampleCluster(2, { topology: 'mongo' });
    expect(mayRebuild(mongo, 2, 'secondary')).not.toThrow();
    expect(mayRebuild(mongo, 1, 'primary')).toThrow('node1 is a primary: promote another first.');
    const [first, second] = mongo.nodes;
    if (first === undefined || second === undefined) throw new Error('no nodes');
    const withArbiter = { ...mongo, nodes: [first, { ...second, role: 'arbiter' }] };
    expect(mayRebuild(withArbiter, 1, null)).toThrow('node1 alone has the data of rs0');
    expect(mayRebuild(withArbiter, 2, null)).not.toThrow();
  });
});

test('--accept is a sentence where nothing can be accepted', () => {
  for (const topology of ['pxc', 'group', 'mongo'])
    expect(topologyNamed(topology).rebuild.accept).toMatch(/rebuild it without --accept\.$/);
  expect(topologyNamed('replication').rebuild.accept).toBeTypeOf('function');
});
