import { describe, expect, test } from 'vitest';
import type { Settings } from '../../../../src/cluster/cluster.js';
import { stepsOf } from '../../../../src/cluster/plan.js';
import type { ServerBuild } from '../../../../src/cluster/server.js';
import { pxc } from '../../../../src/topologies/pxc/pxc.js';
import { MARIADB, PXC_8_0, nodeOf, nodeServer, sampleCluster, sampleSetting, without } from '../../../fakes/cluster.js';

const BACKUP = { sst: 'mariabackup' };
const cluster = sampleCluster(2, { settings: BACKUP });

describe('--sst', () => {
  const check = (server: ServerBuild, settings: Settings) => () => {
    pxc.check(new Map([['node1', server]]), { settings, memory: null, options: [] });
  };

  test('is a way of MariaDB, where the image has its program', () => {
    for (const settings of [{}, { sst: null }, { sst: 'rsync' }, BACKUP])
      expect(check(MARIADB, settings)).not.toThrow();
    expect(check(without(MARIADB, 'backup'), { sst: 'rsync' })).not.toThrow();
    expect(check(without(MARIADB, 'backup'), BACKUP)).toThrow(
      '--sst mariabackup: the image of mariadb 10.11.19 has no mariadb-backup.',
    );
  });

  test('is not for PXC', () => {
    expect(check(PXC_8_0, { sst: null })).not.toThrow();
    expect(check(PXC_8_0, BACKUP)).toThrow('pxc 8.0.36 takes all data over by xtrabackup-v2; leave --sst out.');
  });

  test('does not make another pristine directory', () => {
    const recipe = (settings: Settings) =>
      pxc.pristine(sampleSetting(cluster).machine, { settings }, nodeServer(), null);
    expect(recipe(BACKUP).key).toBe(recipe({}).key);
  });
});

describe('the account of mariabackup', () => {
  const acts = (settings: Settings, password = 'secret', id = cluster.id) => {
    const setting = { ...sampleSetting({ ...cluster, id, settings }), password };
    return stepsOf(pxc.prepare(setting, nodeOf(cluster))).flatMap((step) => step.acts);
  };
  const secretIn = (...words: Parameters<typeof acts>) =>
    acts(...words).flatMap((act) => (act.do === 'write' && act.path.endsWith('/sst.cnf') ? [act.content] : []))[0];

  test('is in a file for the server alone, and nowhere else', () => {
    const [config, secret] = acts(BACKUP);
    expect(secret).toMatchObject({ path: '/var/lib/dbns/clusters/east/node1/sst.cnf', mode: 0o600, owner: 'server' });
    expect(secretIn(BACKUP)).toMatch(/^\[mysqld\]\nwsrep_sst_auth = sst:Sst-[0-9a-f]{40}\n$/);
    const text = config?.do === 'write' ? config.content : '';
    expect(text).toMatch(/^wsrep_sst_method\s+= mariabackup$/m);
    expect(text).toMatch(/^!include \/var\/lib\/dbns\/clusters\/east\/node1\/sst\.cnf$/m);
    expect(text).not.toContain('Sst-');
  });

  test('is the same for all nodes, and another for each cluster and password', () => {
    expect(secretIn(BACKUP)).toBe(secretIn(BACKUP));
    expect(secretIn(BACKUP)).not.toBe(secretIn(BACKUP, 'other'));
    expect(secretIn(BACKUP)).not.toBe(secretIn(BACKUP, 'secret', 'ffffffff'));
  });

  test('is made when the cluster stands, with no more rights than it needs, where it is needed', () => {
    const asked = (settings: Settings) =>
      stepsOf(pxc.finish(sampleSetting({ ...cluster, settings }))).flatMap((step) =>
        step.acts.flatMap((act) => (act.do === 'ask' && act.what.includes("'sst'") ? [act.what] : [])),
      );
    expect(asked(BACKUP)).toEqual([
      "node1 over its socket: CREATE USER 'sst'@'localhost', GRANT RELOAD, PROCESS, LOCK TABLES, REPLICATION CLIENT",
    ]);
    expect(asked({})).toEqual([]);
    expect(acts({}).filter((act) => act.do === 'write')).toHaveLength(1);
  });
});
