import { describe, expect, test } from 'vitest';
import type { Image } from '../../../../src/images/image.js';
import { serverTitle, type ServerBuild } from '../../../../src/cluster/server.js';
import { renderConfig } from '../../../../src/topologies/replication/config.js';
import { settle } from '../../../../src/topologies/replication/settings.js';
import { MARIADB, MARIADB_11_8, MYSQL_9_7, PULLED, nodeOf, sampleCluster } from '../../../fakes/cluster.js';

const config = (server: ServerBuild, index: number, words = {}, image: Image = PULLED) => {
  const { settings } = settle({ topology: 'replication', settings: words });
  const cluster = sampleCluster(3, { topology: 'replication', settings });
  return renderConfig(cluster, { ...nodeOf(cluster, index), server: serverTitle(server) }, server, image);
};

/** The files are there to be read by a DBA. */
describe('my.cnf', () => {
  test.each([
    ['mysql-9.7-primary', MYSQL_9_7, 1, {}],
    [
      'mysql-9.7-replica-semi-sync',
      MYSQL_9_7,
      2,
      { semiSync: true, workers: 8, filters: { node2: ['db1.%', 'db2.t'] } },
    ],
    ['mysql-9.7-ring-no-gtid', MYSQL_9_7, 3, { shape: 'ring', gtid: false }],
    ['mysql-9.7-all-masters', MYSQL_9_7, 3, { shape: 'all-masters' }],
    ['mariadb-10.11-primary', MARIADB, 1, {}],
    ['mariadb-11.8-replica-semi-sync', MARIADB_11_8, 2, { semiSync: true, workers: 4 }],
    ['mariadb-10.11-all-masters', MARIADB, 3, { shape: 'all-masters' }],
    ['mariadb-10.11-all-masters-no-gtid', MARIADB, 3, { shape: 'all-masters', gtid: false }],
  ] as const)('%s', async (name, server, index, words) => {
    await expect(config(server, index, words)).toMatchFileSnapshot(`./__snapshots__/${name}.cnf`);
  });

  test('names every option once but the plugins', () => {
    for (const server of [MYSQL_9_7, MARIADB_11_8]) {
      const names = config(server, 2, { semiSync: true })
        .split('\n')
        .filter((line) => /^[a-z]/.test(line) && !line.startsWith('plugin_load_add'))
        .map((line) => line.split('=')[0]?.trim());
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
