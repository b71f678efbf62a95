import { describe, expect, test } from 'vitest';
import type { Cluster, Node } from '../../../../src/cluster/cluster.js';
import type { Image } from '../../../../src/images/image.js';
import type { ServerBuild } from '../../../../src/cluster/server.js';
import { pristineSubject, subjectOf } from '../../../../src/servers/mysqld/config.js';
import { gcacheOf } from '../../../../src/servers/mysqld/memory.js';
import { renderConfig } from '../../../../src/topologies/pxc/config.js';
import { lastingOptions, ownOptions } from '../../../../src/topologies/pxc/provider-options.js';
import {
  DIRECTORY,
  MARIADB,
  MARIADB_11_8,
  PULLED,
  PXC_8_0,
  PXC_8_4,
  nodeOf,
  sampleCluster,
  without,
} from '../../../fakes/cluster.js';
import { serverTitle } from '../../../../src/cluster/server.js';

type Changes = Partial<Cluster> & Partial<Pick<Node, 'options'>>;

const config = (server: ServerBuild, { options = [], ...changes }: Changes = {}, image: Image = PULLED) => {
  const cluster = sampleCluster(3, changes);
  const node = { ...nodeOf(cluster, 2), server: serverTitle(server), options };
  const members = cluster.nodes.map(({ address }) => address);
  const membership = { members, providerOptions: lastingOptions(cluster, node), sst: null, sstFile: null };
  return renderConfig(subjectOf(cluster, node), membership, server, image);
};

const OPTIONS = [
  { key: 'max_connections', value: '500' },
  { key: 'skip-log-bin', value: null },
  { key: 'wsrep_provider_options', value: 'gcs.fc_limit=64' },
];

/** The files are there to be read by a DBA. */
describe('my.cnf of node2 of 3', () => {
  test.each([
    ['mariadb-10.11', MARIADB, {}, PULLED],
    ['mariadb-11.8', MARIADB_11_8, {}, PULLED],
    ['mariadb-durable-512M-options', MARIADB, { durable: true, memory: 512 * 1024 ** 2, options: OPTIONS }, PULLED],
    ['pxc-8.0', PXC_8_0, {}, PULLED],
    ['pxc-8.4-tarball', PXC_8_4, {}, DIRECTORY],
  ] as const)('%s', async (name, server, changes, image) => {
    await expect(config(server, changes, image)).toMatchFileSnapshot(`./__snapshots__/${name}.cnf`);
  });

  test('of a pristine directory', async () => {
    const directory = '/var/lib/dbns/pristine/.draft-p1';
    const text = (server: ServerBuild) =>
      renderConfig(
        pristineSubject(directory, server, []),
        { members: [], providerOptions: ownOptions(gcacheOf(null), []), sst: null, sstFile: null },
        server,
        PULLED,
      );
    await expect(text(MARIADB)).toMatchFileSnapshot('./__snapshots__/pristine-mariadb-10.11.cnf');
    await expect(text(PXC_8_4)).toMatchFileSnapshot('./__snapshots__/pristine-pxc-8.4.cnf');
  });
});

describe('renderConfig', () => {
  test('names every option once but those that the user gives again', () => {
    const names = config(MARIADB)
      .split('\n')
      .filter((line) => /^[a-z]/.test(line))
      .map((line) => line.split('=')[0]?.trim());
    expect(new Set(names).size).toBe(names.length);
  });

  test("puts the user's options last, so that they win, and Galera's into the one line", () => {
    const text = config(MARIADB, { options: OPTIONS });
    expect(text.trimEnd().split('\n').slice(-5, -3)).toEqual(['max_connections = 500', 'skip-log-bin']);
    expect(text.match(/^wsrep_provider_options.*$/gm)).toEqual([
      'wsrep_provider_options          = "gcache.size=8388608;gcs.fc_limit=64"',
    ]);
  });

  test('gives MariaDB a certificate only from the version on that makes its own', () => {
    expect(config(MARIADB)).not.toContain('ssl_cert');
    expect(config(MARIADB_11_8)).toContain('/data/server-cert.pem');
    expect(config(without(MARIADB_11_8, 'openssl'))).not.toContain('ssl_cert');
  });

  test('does without memory barriers of the disk unless it is durable', () => {
    expect(config(MARIADB)).toMatch(/innodb_flush_log_at_trx_commit\s+= 2/);
    expect(config(MARIADB, { durable: true })).toMatch(/innodb_flush_log_at_trx_commit\s+= 1/);
    expect(config(MARIADB, { durable: true })).not.toContain('nosync');
  });

  test('leaves no hole', () => {
    for (const server of [MARIADB, PXC_8_0, PXC_8_4]) {
      expect(config(server)).not.toMatch(/undefined|null|\[object|\{\{|= *$/m);
    }
  });
});

test('an unpacked tarball is told where it is', () => {
  expect(config(PXC_8_4)).not.toContain('basedir');
  expect(config(PXC_8_4, {}, DIRECTORY)).toMatch(/^basedir\s+= \/opt\/pxc$/m);
});
