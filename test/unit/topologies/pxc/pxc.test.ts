import { describe, expect, test } from 'vitest';
import { stepsOf } from '../../../../src/cluster/plan.js';
import type { ServerBuild } from '../../../../src/cluster/server.js';
import { UsageError } from '../../../../src/errors/errors.js';
import { readVersion } from '../../../../src/servers/mysqld/dialects.js';
import { pxc } from '../../../../src/topologies/pxc/pxc.js';
import {
  MARIADB,
  PXC_8_4,
  doorAt,
  nodeOf,
  nodeServer,
  sampleCluster,
  sampleSetting,
  without,
} from '../../../fakes/cluster.js';

const LEAN = { settings: {}, memory: null, options: [] };

describe('check', () => {
  const check = (server: ServerBuild) => () => {
    pxc.check(new Map([['node1', server]]), LEAN);
  };

  test('takes MariaDB and PXC', () => {
    expect(check(MARIADB)).not.toThrow();
    expect(check(PXC_8_4)).not.toThrow();
  });

  test('needs a dialect with Galera, and its library', () => {
    expect(check({ ...MARIADB, dialect: 'mysql', version: '8.4.3' })).toThrow(
      'mysql 8.4.3 has no Galera: pxc needs MariaDB or Percona XtraDB Cluster.',
    );
    expect(check(without(MARIADB, 'galera'))).toThrow('no Galera library');
  });

  test('refuses a PXC before 8.0, whatever else it lacks', () => {
    const said = 'mysqld  Ver 5.7.44-48-57 for Linux on x86_64 (Percona XtraDB Cluster (GPL), Release rel48)';
    const { dialect, version = '' } = readVersion(said) ?? {};
    expect(check({ ...without(PXC_8_4, 'galera'), dialect: dialect?.name ?? '', version })).toThrow(
      /^pxc 5\.7\.44 is too old: dbns knows this server from 8\.0 on\.$/,
    );
  });

  test('wants a budget that is enough', () => {
    expect(() => {
      pxc.check(new Map([['node1', MARIADB]]), { ...LEAN, memory: 1024 ** 2 });
    }).toThrow('--memory 1M is too little for a node: the least is 128M.');
  });

  test('wants one server for all nodes, of whatever versions', () => {
    const with11 = new Map([['node1', MARIADB] as const, ['node2', { ...MARIADB, version: '11.8.6' }] as const]);
    expect(() => {
      pxc.check(with11, LEAN);
    }).not.toThrow();
    expect(() => {
      pxc.check(new Map([...with11, ['node3', PXC_8_4]]), LEAN);
    }).toThrow('versions of one server, not mariadb 10.11.19 and pxc 8.4');
  });

  test('all begin as of the oldest', () => {
    const [old, recent] = [nodeServer(MARIADB), nodeServer({ ...MARIADB, version: '11.8.6' })];
    expect(pxc.origin?.([recent, old, recent])).toBe(old);
  });
});

test.each([
  { options: [{ key: 'datadir', value: '/x' }] },
  { options: [{ key: 'loose-wsrep-on', value: 'OFF' }] },
  { options: [{ key: 'datadi', value: '/x' }] },
])('settle refuses %j', (words) => {
  expect(() => {
    pxc.settle({ topology: 'pxc', ...words });
  }).toThrow(UsageError);
});

test('finish makes the account, puts the timeouts back, asks each node at its address', () => {
  const steps = stepsOf(pxc.finish(sampleSetting(sampleCluster(2))));
  expect(steps.flatMap(({ acts }) => acts.map((act) => (act.do === 'ask' ? act.what : act.do)))).toMatchInlineSnapshot(`
    [
      "node1 over its socket: CREATE USER 'dbns'@'%', GRANT ALL",
      "node1 over its socket: SET GLOBAL wsrep_provider_options = 'evs.suspect_timeout=PT5S;evs.install_timeout=PT7.5S;evs.join_retrans_period=PT1S;evs.keepalive_period=PT1S;evs.causal_keepalive_period=PT1S'",
      "node2 over its socket: SET GLOBAL wsrep_provider_options = 'evs.suspect_timeout=PT5S;evs.install_timeout=PT7.5S;evs.join_retrans_period=PT1S;evs.keepalive_period=PT1S;evs.causal_keepalive_period=PT1S'",
      "write",
      "write",
      "node1 at 10.200.0.2:3306 as 'dbns': SELECT 1",
      "node2 at 10.200.0.3:3306 as 'dbns': SELECT 1",
    ]
  `);
});

test('connection quotes the password for a URI, and tells clients', () => {
  const cluster = sampleCluster(2);
  const door = doorAt(nodeOf(cluster, 2), false, { nodes: [nodeOf(cluster, 2), nodeOf(cluster)] });
  expect(pxc.connection(cluster, door, { password: 'p@s/s w', database: 'my shop' })).toEqual({
    uri: 'mariadb://dbns:p%40s%2Fs%20w@10.200.0.3:3306/my%20shop',
    ...{ host: '10.200.0.3', ca: null, port: 3306, hosts: ['10.200.0.3:3306', '10.200.0.2:3306'] },
    ...{ user: 'dbns', password: 'p@s/s w', database: 'my shop' },
    env: { MYSQL_HOST: '10.200.0.3', MYSQL_TCP_PORT: '3306', MYSQL_PWD: 'p@s/s w' },
  });
});

test('clients verify whoever shows a certificate of the CA, and nobody else: a proxy may end TLS itself', () => {
  const cluster = sampleCluster(1, { tls: 'offered' });
  const at = (verifiable: boolean) => doorAt(nodeOf(cluster), true, { proxied: true, verifiable });
  const ca = '/var/lib/dbns/clusters/east/tls/ca.pem';
  expect(pxc.connection(cluster, at(true), { password: 'x', database: null }).ca).toBe(ca);
  expect(pxc.connection(cluster, at(false), { password: 'x', database: null }).ca).toBeNull();
  expect(pxc.client(cluster, at(true), MARIADB, 'x').file).toContain(`ssl-ca = ${ca}\nssl-verify-server-cert\n`);
  expect(pxc.client(cluster, at(false), MARIADB, 'x').file).not.toContain('ssl');
});

test.each(['', 'x'.repeat(65), 'a\nb', 'a\0', 'shop ', '..'])('a database %j can not be', (database) => {
  const cluster = sampleCluster(1);
  const door = doorAt(nodeOf(cluster), true);
  expect(() => pxc.connection(cluster, door, { password: 'x', database })).toThrow(UsageError);
});

test("client keeps the password out of argv, quotes it for the client's file, and reads no other file", () => {
  const cluster = sampleCluster(1);
  const { argv, file, environment } = pxc.client(cluster, doorAt(nodeOf(cluster), true), MARIADB, 'a"b\\c');
  expect(argv).toEqual(['/usr/bin/mariadb', '--defaults-file=/run/dbns-client']);
  expect(environment).toEqual({ MYSQL_TEST_LOGIN_FILE: expect.stringMatching(/^\/run\//) as string });
  expect(file.split('\n')).toEqual([
    ...['[client]', 'user = dbns', 'password = "a\\"b\\\\c"', 'protocol = socket'],
    ...['socket = /run/dbns/east/node1/mysqld.sock', 'default-character-set = utf8mb4', ''],
  ]);
});
