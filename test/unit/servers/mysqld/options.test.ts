import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/errors/errors.js';
import { assertOptions, optionLine, optionName, unknownOption } from '../../../../src/servers/mysqld/options.js';

describe('assertOptions', () => {
  const check = (key: string, value: string | null = '1') => {
    return () => {
      assertOptions([{ key, value }]);
    };
  };

  test.each(['max_connections', 'max-connections', 'innodb_buffer_pool_size', 'a.b', 'MAX_CONNECTIONS', 'report_port'])(
    'takes %s',
    (key) => {
      expect(check(key)).not.toThrow();
    },
  );

  test.each(['datadir', 'DATADIR', 'socket', 'port', 'user', 'server-id', 'bind_address', 'pid-file', 'log-error'])(
    'refuses %s, which is ours',
    (key) => {
      expect(check(key)).toThrow(UsageError);
      expect(check(key)).toThrow(`'${key}' is set by dbns itself and can't be given.`);
    },
  );

  test.each(['wsrep_on', 'wsrep-cluster-address', 'wsrep_provider', 'Wsrep_Node_Address', 'wsrep_cluster_name'])(
    'refuses %s, which makes the cluster what it is',
    (key) => {
      expect(check(key)).toThrow(UsageError);
    },
  );

  test("leaves Galera's own options to the user", () => {
    expect(check('wsrep_provider_options', 'gcs.fc_limit=64')).not.toThrow();
  });

  test.each(['', ' ', '[mysqld]', '!include', '#x', 'a b', 'a=b', '-x', '1x', 'a\nb'])('%j is no option', (key) => {
    expect(check(key)).toThrow(UsageError);
  });

  test.each(['a\nport=1', 'a\r', 'a\0'])('a value with a line break is refused: %j', (value) => {
    expect(check('init_connect', value)).toThrow("The value of 'init_connect' has a line break.");
  });
});

test('optionName: dashes, underscores and case are all the same to the server', () => {
  expect(optionName('Max-Connections')).toBe('max_connections');
});

test.each([
  ['skip-log-bin', null, 'skip-log-bin'],
  ['max_connections', '500', 'max_connections = 500'],
  ['init_connect', '', 'init_connect = '],
  ['init_connect', 'SET @a = 1; SET @b = 2', 'init_connect = "SET @a = 1; SET @b = 2"'],
  ['init_connect', 'SELECT 1 # one', 'init_connect = "SELECT 1 # one"'],
  ['init_connect', "'SELECT 1 # one'", "init_connect = 'SELECT 1 # one'"],
  ['sql_mode', 'ANSI,STRICT_ALL_TABLES', 'sql_mode = ANSI,STRICT_ALL_TABLES'],
])('optionLine of %s and %j', (key, value, line) => {
  expect(optionLine({ key, value })).toBe(line);
});

describe('unknownOption', () => {
  test.each([
    [
      "2026-11-21 11:00:00 0 [ERROR] /usr/sbin/mariadbd: unknown variable 'no_such=1'\n2026-11-21 11:00:00 0 [ERROR] Aborting",
      'no_such',
    ],
    ["2026-11-21 11:00:00 0 [ERROR] /usr/sbin/mariadbd: unknown option '--no-such'", 'no-such'],
    ["/usr/sbin/mariadbd: unknown variable 'no_such=1'", 'no_such'],
    [
      "2026-11-21T11:00:00.000000Z 0 [ERROR] [MY-000067] [Server] unknown variable 'no_such=1'.\n2026-11-21T11:00:00.000000Z 0 [ERROR] [MY-010119] [Server] Aborting",
      'no_such',
    ],
    ["2026-11-21T11:00:00.000000Z 0 [ERROR] [MY-000068] [Server] unknown option '--no-such'.", 'no-such'],
  ])('reads it out of %j', (log, option) => {
    expect(unknownOption(log)).toBe(option);
  });

  test('of another end is null', () => {
    expect(unknownOption('[ERROR] InnoDB: Cannot allocate memory for the buffer pool')).toBeNull();
    expect(unknownOption('')).toBeNull();
  });
});
