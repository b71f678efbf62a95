import { describe, expect, test } from 'vitest';
import { without, type Cluster, type Made } from '../../../src/cluster/cluster.js';
import { stepsOf } from '../../../src/cluster/plan.js';
import { group } from '../../../src/topologies/group/group.js';
import { mongo } from '../../../src/topologies/mongo/mongo.js';
import { settingsOf as wordsOfMongo } from '../../../src/topologies/mongo/settings.js';
import { pxc } from '../../../src/topologies/pxc/pxc.js';
import { MYSQL_9_7, nodeServer, sampleCluster, sampleSetting } from '../../fakes/cluster.js';
import { mongoCluster } from '../../fakes/mongo.js';

const rolesOf = ({ nodes }: Cluster) => Object.fromEntries(nodes.map(({ name, role }) => [name, role]));
const madeOf = (cluster: Cluster): Made => ({
  settings: cluster.settings,
  roles: rolesOf(cluster),
  options: {},
  init: false,
});

/** A cluster whose nodes have these roles, and no other nodes. */
function withRoles(cluster: Cluster, roles: Readonly<Record<string, string>>): Cluster {
  const nodes = cluster.nodes.flatMap((node) => {
    const role = roles[node.name];
    return role === undefined ? [] : [{ ...node, role }];
  });
  return { ...cluster, nodes };
}

test('a Galera cluster begins anew as it is: all nodes are alike', () => {
  const cluster = sampleCluster(3);
  expect(pxc.life.anew(cluster, madeOf(cluster))).toEqual(cluster);
});

describe('a group begins anew', () => {
  const plain = sampleCluster(4, { topology: 'group' });
  const made = madeOf(withRoles(plain, { node1: 'primary', node2: 'secondary', node3: 'secondary' }));
  const begin = (roles: Readonly<Record<string, string>>) => group.life.anew(withRoles(plain, roles), made);
  /** Who makes the group, by the first starts. */
  const makers = (cluster: Cluster) =>
    group.formations(sampleSetting(cluster, nodeServer(MYSQL_9_7))).flatMap(({ plan }) =>
      stepsOf(plan).flatMap(({ step, acts }) => {
        const words = acts.flatMap((act) => (act.do === 'write' ? act.content : []));
        return words.some((text) => text.includes('bootstrap_group = ON')) ? [step] : [];
      }),
    );

  test('with the primary of the beginning', () => {
    const begun = begin({ node1: 'secondary', node2: 'secondary', node3: 'primary', node4: 'secondary' });
    expect(rolesOf(begun)).toEqual({ node1: 'primary', node2: 'secondary', node3: 'secondary', node4: 'secondary' });
    expect(makers(begun)).toEqual(['start node1']);
  });

  test('with the primary that it has, where that one was removed: it makes the group', () => {
    const begun = begin({ node2: 'secondary', node3: 'primary', node4: 'secondary' });
    expect(rolesOf(begun)).toEqual({ node2: 'secondary', node3: 'primary', node4: 'secondary' });
    expect(makers(begun)).toEqual(['start node3']);
  });

  test('with the first, where nobody is primary', () => {
    expect(makers(begin({ node2: 'secondary', node3: 'secondary' }))).toEqual(['start node2']);
  });
});

describe('MongoDB begins anew', () => {
  test('each set with its primary of the beginning', () => {
    const cluster = mongoCluster({ shards: 2 }, 2);
    const roles = { ...rolesOf(cluster), node1: 'secondary', node2: 'primary', node6: 'primary', node5: 'secondary' };
    expect(rolesOf(mongo.life.anew(withRoles(cluster, roles), madeOf(cluster)))).toEqual(rolesOf(cluster));
  });

  test('a set without anybody who was or is primary with the first that can be', () => {
    const cluster = mongoCluster({ hidden: ['node2'], arbiters: 1 });
    const begun = mongo.life.anew(without(cluster, [{ name: 'node1' }]), madeOf(cluster));
    expect(rolesOf(begun)).toEqual({ node2: 'secondary', node3: 'primary', node4: 'arbiter' });
  });

  test('without what was said of nodes that had left by half', () => {
    const cluster = mongoCluster({ hidden: ['node3'], tags: { node2: { dc: 'a' } } });
    const begun = mongo.life.anew(without(cluster, [{ name: 'node3' }]), madeOf(cluster));
    expect(wordsOfMongo(begun)).toMatchObject({ hidden: [], tags: { node2: { dc: 'a' } } });
  });
});
