import { describe, expect, test } from 'vitest';
import {
  changeSource,
  resetReplica,
  startReplica,
  stopReplica,
  type From,
} from '../../../../src/topologies/replication/statements.js';
import { oldestOf, wordsOf, type Words } from '../../../../src/topologies/replication/words.js';

function words(dialect: string, version: string): Words {
  const found = wordsOf({ dialect, version });
  if (found === null) throw new Error(`no words for ${dialect} ${version}`);
  return found;
}

const sql = (dialect: string, version: string, from: From, channel = '') => {
  const source = {
    channel,
    address: '10.200.0.2',
    user: 'repl',
    password: 'secret',
    delay: 60,
    tls: false,
    ca: null,
    from,
  };
  const { sql: text, values } = changeSource(words(dialect, version), source);
  expect(values).toContain('secret');
  expect(text).not.toContain('secret');
  return text;
};

describe('changeSource', () => {
  test('MySQL by GTID, on the default channel', () => {
    expect(sql('mysql', '9.7.4', 'gtid')).toBe(
      "CHANGE REPLICATION SOURCE TO SOURCE_HOST = ?, SOURCE_PORT = ?, SOURCE_USER = ?, SOURCE_PASSWORD = ?, SOURCE_DELAY = ?, GET_SOURCE_PUBLIC_KEY = 1, SOURCE_SSL = 0, SOURCE_SSL_VERIFY_SERVER_CERT = 0, SOURCE_AUTO_POSITION = 1 FOR CHANNEL ''",
    );
  });

  test('MySQL by position, on a channel', () => {
    expect(sql('percona', '8.0.36', { file: 'binlog.000003', position: 42 }, 'node2')).toMatch(
      /SOURCE_AUTO_POSITION = 0, SOURCE_LOG_FILE = \?, SOURCE_LOG_POS = \? FOR CHANNEL 'node2'$/,
    );
  });

  test('MariaDB by GTID, by position, and as a former primary', () => {
    expect(sql('mariadb', '10.11.19', 'gtid')).toBe(
      "CHANGE MASTER '' TO MASTER_HOST = ?, MASTER_PORT = ?, MASTER_USER = ?, MASTER_PASSWORD = ?, MASTER_DELAY = ?, MASTER_SSL = 0, MASTER_SSL_VERIFY_SERVER_CERT = 0, MASTER_USE_GTID = slave_pos",
    );
    expect(sql('mariadb', '11.8.6', 'gtid of a former primary', 'node2')).toMatch(
      /^CHANGE MASTER 'node2' TO .*, MASTER_USE_GTID = slave_pos, MASTER_DEMOTE_TO_SLAVE = 1$/,
    );
    expect(sql('mariadb', '11.8.6', { file: 'b', position: 4 })).toMatch(
      /MASTER_USE_GTID = no, MASTER_LOG_FILE = \?, MASTER_LOG_POS = \?$/,
    );
  });
});

test.each([
  [
    'mysql',
    '9.7.4',
    ["START REPLICA FOR CHANNEL 'c'", "STOP REPLICA FOR CHANNEL 'c'", "RESET REPLICA ALL FOR CHANNEL 'c'"],
  ],
  ['mariadb', '11.8.6', ["START SLAVE 'c'", "STOP SLAVE 'c'", "RESET SLAVE 'c' ALL"]],
])('a channel of %s %s', (dialect, version, expected) => {
  const own = words(dialect, version);
  expect([startReplica(own, 'c').sql, stopReplica(own, 'c').sql, resetReplica(own, 'c').sql]).toEqual(expected);
});

describe('wordsOf', () => {
  test.each([
    ['mysql', '9.7.4', 'SHOW BINARY LOG STATUS', 'rpl_semi_sync_source'],
    ['mysql', '8.0.36', 'SHOW MASTER STATUS', 'rpl_semi_sync_source'],
    ['pxc', '8.0.25', 'SHOW MASTER STATUS', 'rpl_semi_sync_master'],
    ['mariadb', '10.11.19', 'SHOW MASTER STATUS', 'rpl_semi_sync_master'],
  ])('%s %s', (dialect, version, showPosition, source) => {
    expect(words(dialect, version)).toMatchObject({ showPosition, semiSync: { source } });
  });

  test('what is too old has none', () => {
    expect(wordsOf({ dialect: 'mysql', version: '8.0.22' })).toBeNull();
    expect(wordsOf({ dialect: 'mariadb', version: '10.6.1' })).toBeNull();
    expect([oldestOf('mysql'), oldestOf('mariadb')]).toEqual(['8.0.23', '10.10']);
  });
});
