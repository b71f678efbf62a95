import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../../../src/cluster/plan.js';
import type { ServerBuild } from '../../../../src/cluster/server.js';
import { finish } from '../../../../src/topologies/group/finish.js';
import { formations } from '../../../../src/topologies/group/formation.js';
import { group } from '../../../../src/topologies/group/group.js';
import { settle } from '../../../../src/topologies/group/settings.js';
import { MARIADB, MYSQL_9_7, nodeServer, sampleCluster, sampleSetting } from '../../../fakes/cluster.js';

describe('check', () => {
  const check = (...servers: ServerBuild[]) => {
    const byNode = new Map(servers.map((server, index) => [`node${index + 1}`, server]));
    return () => {
      group.check(byNode, { settings: settle({ topology: 'group' }).settings, memory: null, options: [] });
    };
  };

  test('takes MySQL', () => {
    expect(check(MYSQL_9_7, MYSQL_9_7)).not.toThrow();
  });

  test('refuses MariaDB, and names pxc', () => {
    expect(check(MARIADB)).toThrow("has no Group Replication: 'dbns pxc create'");
  });

  test('refuses what is too old, or mixed', () => {
    expect(check({ ...MYSQL_9_7, version: '8.0.26' })).toThrow('group needs mysql 8.0.27 or later');
    expect(check(MYSQL_9_7, { ...MYSQL_9_7, version: '8.4.0' })).toThrow('all nodes are of one server');
  });
});

test('options that make a member what it is are not for users', () => {
  const settled = (key: string) => () => settle({ topology: 'group', options: [{ key, value: 'x' }] });
  expect(settled('group_replication_group_name')).toThrow('set by dbns itself');
  expect(settled('loose-group-replication-bootstrap-group')).toThrow('set by dbns itself');
  expect(settled('group_replication_consistency')).not.toThrow();
});

describe('the plan', () => {
  const cluster = sampleCluster(3, { topology: 'group', settings: settle({ topology: 'group' }).settings });
  const setting = sampleSetting(cluster, nodeServer(MYSQL_9_7));
  const [way] = formations(setting);

  test('starts all servers at once by words that fit every later start, and again when they ask for it', () => {
    const argvs = stepsOf(way?.plan ?? { sequence: [] })
      .flatMap(({ acts }) => acts)
      .flatMap((act) => (act.do === 'spawn' ? [act.argv] : []));
    expect(argvs).toHaveLength(3);
    for (const [position, argv] of argvs.entries()) {
      expect(argv.slice(4, 6)).toEqual(['sh', '-c']);
      expect(argv.join(' ')).toContain('--setenv MYSQLD_PARENT_PID 1');
      expect(argv.slice(-2)).toEqual([
        MYSQL_9_7.programs.server,
        `--defaults-file=${cluster.nodes[position]?.directory ?? ''}/my.cnf`,
      ]);
    }
  });

  test('says what it asks, and no password', () => {
    const said = stepsOf({ sequence: [way?.plan ?? { sequence: [] }, finish(setting)] })
      .flatMap(({ acts }) => acts)
      .flatMap((act) => (act.do === 'ask' ? [act.what] : []));
    expect(said.join('\n')).toContain('; START GROUP_REPLICATION');
    expect(said.join('\n')).toContain('SET GLOBAL group_replication_bootstrap_group = OFF');
    expect(said.join('\n')).not.toContain('secret');
  });
});
