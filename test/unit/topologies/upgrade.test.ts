import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { topologyNamed } from '../../../src/topologies/registry.js';
import type { Upgrade } from '../../../src/topologies/upgrade.js';
import { sourcesOf } from '../../../src/topologies/replication/shapes.js';
import { sampleCluster } from '../../fakes/cluster.js';

const build = (title: string) => {
  const [dialect = '', version = ''] = title.split(' ');
  return { dialect, version, programs: {} };
};

function partOf(topology: string): Upgrade {
  const { upgrade } = topologyNamed(topology);
  if (typeof upgrade === 'string') throw new Error(upgrade);
  return upgrade;
}

/** Nodes of these servers, in a chain where they replicate. */
function clusterOf(topology: string, servers: readonly string[]): Cluster {
  const cluster = sampleCluster(servers.length, { topology });
  const names = cluster.nodes.map(({ name }) => name);
  return {
    ...cluster,
    settings: topology === 'replication' ? { sources: sourcesOf('chain', names), shape: 'chain' } : {},
    nodes: cluster.nodes.map((node, position) => ({ ...node, server: servers[position] ?? '' })),
  };
}

describe('the steps that vendors support', () => {
  test.each([
    ['replication', 'mysql 8.0.40', 'mysql 8.4.5', null],
    ['replication', 'mysql 8.0.40', 'mysql 9.7.4', /data of the series before it alone: upgrade to 8\.4 first\.$/],
    ['replication', 'mysql 8.4.5', 'mysql 9.7.4', null],
    ['group', 'mysql 5.7.44', 'mysql 8.4.5', /upgrade to 8\.0 first\.$/],
    ['replication', 'mariadb 10.11.19', 'mariadb 11.8.6', null],
    ['pxc', 'mariadb 10.11.19', 'mariadb 11.8.6', null],
    ['mongo', 'mongodb 7.0.1', 'mongodb 8.0.3', null],
    ['mongo', 'mongodb 6.0.1', 'mongodb 8.0.3', /is more than one major version on\.$/],
  ])('%s: %s to %s', (topology, from, to, refusal) => {
    const cluster = clusterOf(topology, [from, from]);
    const check = () => {
      partOf(topology).check(cluster, cluster.nodes, build(to));
    };
    if (refusal === null) expect(check).not.toThrow();
    else expect(check).toThrow(refusal);
  });
});

describe('replication', () => {
  test('begins at the end of a chain', () => {
    expect(
      partOf('replication')
        .order(clusterOf('replication', ['a', 'b', 'c']))
        .map(({ name }) => name),
    ).toEqual(['node3', 'node2', 'node1']);
  });

  test('makes no source newer than its replica, but for the primary, which hands over', () => {
    const cluster = clusterOf('replication', ['mariadb 10.11.1', 'mariadb 10.11.1', 'mariadb 10.11.1']);
    const check = (...names: string[]) => {
      const chosen = cluster.nodes.filter(({ name }) => names.includes(name));
      partOf('replication').check(cluster, chosen, build('mariadb 11.8.6'));
    };
    expect(() => {
      check('node2');
    }).toThrow(
      'node3 (mariadb 10.11.1) replicates from node2, which would be newer (mariadb 11.8.6): upgrade node3 too.',
    );
    check('node3');
    check('node2', 'node3');
    check('node1');
  });
});
