import { describe, expect, test } from 'vitest';
import type { Front } from '../../../src/companions/companion.js';
import { renderConfig } from '../../../src/companions/proxysql/config.js';
import { birthRows, toldRows, type ServerRow } from '../../../src/companions/proxysql/hostgroups.js';
import { readVersion } from '../../../src/companions/proxysql/inspect.js';
import { statementsFor } from '../../../src/companions/proxysql/lead.js';
import { proxysql } from '../../../src/companions/proxysql/proxysql.js';
import { stateOf, type Check } from '../../../src/companions/proxysql/servers.js';
import { sampleCompanion, sampleStanding } from '../../fakes/companion.js';

const companion = sampleCompanion({ kind: 'proxysql', server: 'proxysql 2.7.1', ports: { client: 6033 } });
const standing = sampleStanding(companion);
const { front } = standing;
const leading = { writer: 'node1', readers: ['node2', 'node3'] };
const admin = { user: 'admin', password: 'abc-DEF' };

const configOf = (changes: Partial<Front>) =>
  renderConfig({ ...standing, front: { ...front, ...changes } }, leading, admin);

test.each([
  ['ProxySQL version 2.7.1-16-g2726c27, codename Truls', '2.7.1'],
  ['ProxySQL version v2.7.1-0-g2726c27, codename Truls', '2.7.1'],
  ['something else', null],
])('%s: version %s', (said, version) => {
  expect(readVersion(said)).toBe(version);
});

test('it has one port, and knows nothing of MongoDB', () => {
  expect(proxysql.ports(front)).toEqual({ client: 6033 });
  expect(() => proxysql.ports({ ...front, protocol: 'mongodb' })).toThrow(/MongoDB/);
});

describe('the configuration', () => {
  test.each([
    ['wsrep', /mysql_galera_hostgroups =/, /mysql_replication_hostgroups/],
    ['read_only', /check_type = "read_only"/, /mysql_galera_hostgroups/],
    ['super_read_only', /check_type = "super_read_only"/, /mysql_galera_hostgroups/],
    [null, /mysql_servers =/, /mysql_(galera|replication)_hostgroups/],
  ] as const)('where servers show themselves by %s: the monitor that sees that, and no other', (sign, has, hasNot) => {
    const text = configOf({ sign });
    expect(text).toMatch(has);
    expect(text).not.toMatch(hasNot);
  });

  test('servers that monitors will sort come in where nobody writes; those that are told are where they belong', () => {
    const groups = (text: string) => [...text.matchAll(/hostgroup = (\d+), weight/g)].map(([, group]) => group);
    expect(groups(configOf({ sign: 'read_only' }))).toEqual(['11', '11', '11']);
    expect(groups(configOf({ sign: null }))).toEqual(['10', '11', '11']);
  });

  test.each([
    ['mariadb 10.11.19', '10.11.19-MariaDB', 'mysql_native_password'],
    ['mysql 9.7.4', '9.7.4', 'caching_sha2_password'],
  ])('of %s it says that it is %s, and begins with %s', (server, version, plugin) => {
    const text = configOf({ server });
    expect(text).toContain(`server_version = "${version}"`);
    expect(text).toContain(`default_authentication_plugin = "${plugin}"`);
  });

  test('a password is its own in libconfig, and in the SQL that ProxySQL makes of it', () => {
    const text = configOf({ password: `a'b"c\\` });
    expect(text).toContain(`monitor_password = "a'b\\"\\"c\\\\"`);
    expect(text).toContain(`password = "a''b\\"c\\\\"`);
  });
});

describe('rows of mysql_servers', () => {
  const withOptions = (key: string, value: string): Front => ({
    ...front,
    nodes: front.nodes.map((node) => ({ ...node, options: [{ key, value }] })),
  });
  const [one] = birthRows(front);

  test('ProxySQL may open two fifths of what a server allows, by default, by memory, by option', () => {
    const GIB = 1024 ** 3;
    expect(one?.maxConnections).toBe(20);
    expect(birthRows({ ...front, memory: GIB })[0]?.maxConnections).toBe(102);
    expect(birthRows(withOptions('max-connections', '500'))[0]?.maxConnections).toBe(200);
  });

  test('TLS where servers take nobody without', () => {
    expect(one?.useSsl).toBe(0);
    expect(birthRows(withOptions('require_secure_transport', 'ON'))[0]?.useSsl).toBe(1);
  });

  test('earlier nodes are heavier: whoever is added does not become the writer', () => {
    const weights = birthRows(front).map(({ weight }) => weight);
    expect([...weights].sort((a, b) => b - a)).toEqual(weights);
    expect(new Set(weights).size).toBe(3);
  });

  test('told: who does neither is out of the way, and one that does both stands twice', () => {
    const places = (all: ReturnType<typeof toldRows>) => all.map(({ hostgroup, name }) => `${hostgroup} ${name}`);
    expect(places(toldRows(front, { writer: 'node1', readers: ['node1'] }))).toEqual([
      '10 node1',
      '11 node1',
      '19 node2',
      '19 node3',
    ]);
  });
});

const row = (hostgroup: number, place: number, status = 'ONLINE'): ServerRow => ({
  ...{ hostgroup, status, port: 3306 },
  address: `10.200.0.${place + 1}`,
});
const AFTER_CHECKS = [row(10, 1), row(11, 2), row(11, 3)];

describe('statementsFor', () => {
  test('nothing while all servers are known, wherever the monitors put them, and whatever else the user has there', () => {
    const theirs = { ...row(50, 1), address: '192.0.2.1' };
    expect(statementsFor([...AFTER_CHECKS, theirs], front, { writer: 'node2', readers: [] })).toEqual([]);
  });

  test('who was added comes in, who was removed goes; the others stay as they are now', () => {
    const statements = statementsFor([row(10, 1), row(11, 2), row(11, 7), row(12, 7)], front, leading);
    expect(statements[0]).toBe('SAVE MYSQL SERVERS FROM RUNTIME');
    expect(statements.at(-1)).toBe('LOAD MYSQL SERVERS TO RUNTIME');
    for (const schema of ['main', 'disk']) {
      expect(statements).toContain(`DELETE FROM ${schema}.mysql_servers WHERE hostname = '10.200.0.8' AND port = 3306`);
      expect(statements).toContain(
        `INSERT OR REPLACE INTO ${schema}.mysql_servers (hostgroup_id, hostname, port, weight, max_connections, use_ssl, comment) VALUES (11, '10.200.0.4', 3306, 999997, 20, 0, 'node3')`,
      );
    }
  });

  test('told: nothing while it leads so, else all of ours anew', () => {
    const told = { ...front, sign: null };
    expect(statementsFor(AFTER_CHECKS, told, leading)).toEqual([]);
    const statements = statementsFor(AFTER_CHECKS, told, { writer: null, readers: ['node2'] });
    expect(statements).toContain('DELETE FROM main.mysql_servers WHERE hostgroup_id IN (10, 11, 12, 19)');
    expect(statements.filter((statement) => /main.*VALUES \(10,/.test(statement))).toEqual([]);
    expect(statements.at(-1)).toBe('LOAD MYSQL SERVERS TO RUNTIME');
  });
});

describe('stateOf', () => {
  const check = (place: number, error: string | null = null, wasWell = error === null): Check => ({
    ...{ address: `10.200.0.${place + 1}`, port: 3306, error, wasWell },
  });
  const well = [check(1), check(2), check(3)];

  test('who is ONLINE in a hostgroup is led to', () => {
    const rows = [...AFTER_CHECKS, row(10, 2, 'SHUNNED'), row(11, 1, 'OFFLINE_HARD')];
    expect(stateOf(front, rows, well)).toEqual({ writer: 'node1', readers: ['node2', 'node3'], reason: null });
  });

  test('before its monitor has seen a server nobody is led there, whatever hostgroup it came in by', () => {
    const said = stateOf(front, AFTER_CHECKS, [check(2), check(3, 'Access denied for user')]);
    expect(said).toEqual({ writer: null, readers: ['node2'], reason: 'node3: Access denied for user' });
  });

  test('two that take writes are none that dbns would name', () => {
    const said = stateOf(front, [row(10, 1), row(10, 2), row(11, 3)], well);
    expect(said).toMatchObject({ writer: null, reason: 'it leads writes to node1 and node2' });
  });
});
