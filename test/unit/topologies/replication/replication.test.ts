import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../../../src/cluster/plan.js';
import { replication } from '../../../../src/topologies/replication/replication.js';
import { settle } from '../../../../src/topologies/replication/settings.js';
import { MARIADB, MARIADB_11_8, MYSQL_9_7, nodeServer, sampleCluster, sampleSetting } from '../../../fakes/cluster.js';

const settings = (words = {}) => settle({ topology: 'replication', settings: words }).settings;

describe('check', () => {
  const check =
    (servers: Parameters<typeof replication.check>[0], words = {}) =>
    () => {
      replication.check(servers, { settings: settings(words), memory: null, options: [] });
    };

  test('takes versions of one family, mixed', () => {
    const mixed = new Map([
      ['node1', MARIADB],
      ['node2', MARIADB_11_8],
      ['node3', MARIADB],
    ] as const);
    expect(check(mixed)).not.toThrow();
  });

  test('refuses a replica of another family, and says why', () => {
    const mixed = new Map([
      ['node1', MYSQL_9_7],
      ['node2', MYSQL_9_7],
      ['node3', MARIADB_11_8],
    ] as const);
    expect(check(mixed)).toThrow(
      "node3 (mariadb 11.8.6) can't replicate from node1 (mysql 9.7.4): MySQL and MariaDB have each their own GTIDs",
    );
  });

  test('refuses what is too old', () => {
    const old = new Map(['node1', 'node2', 'node3'].map((name) => [name, { ...MYSQL_9_7, version: '5.7.44' }]));
    expect(check(old)).toThrow('mysql 5.7.44 is too old: replication needs mysql 8.0.23 or later.');
  });
});

test('the plan asks in the order in which data travels', () => {
  const cluster = sampleCluster(3, {
    topology: 'replication',
    settings: settings({ shape: 'chain', semiSync: true, delays: { node3: 60 } }),
  });
  const setting = sampleSetting(cluster, nodeServer(MYSQL_9_7));
  const [way] = replication.formations(setting);
  const plans = [...(way === undefined ? [] : [way.plan]), replication.finish(setting)];
  expect(plans.flatMap((plan) => stepsOf(plan).map(({ step }) => step))).toMatchInlineSnapshot(`
    [
      "start node1",
      "make the accounts of node1",
      "start node2",
      "make the accounts of node2",
      "start node3",
      "make the accounts of node3",
      "let node2 replicate from node1",
      "let node3 replicate from node2",
      "write a transaction on node1",
      "see that node2 has applied it from node1",
      "see that node3 has received it from node2",
      "set super_read_only = ON on node2",
      "set super_read_only = ON on node3",
      "turn semi-sync on on node1",
      "turn semi-sync on on node2",
      "forget how node1 was started",
      "forget how node2 was started",
      "forget how node3 was started",
      "log in on node1 at its address",
      "log in on node2 at its address",
      "log in on node3 at its address",
    ]
  `);
});
