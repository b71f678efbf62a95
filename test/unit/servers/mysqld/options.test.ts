import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/errors/errors.js';
import {
  assertOptions,
  optionLine,
  optionLines,
  optionName,
  pristineOptions,
  valueOf,
} from '../../../../src/servers/mysqld/options.js';

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

  test.each([
    'skip_bind_address',
    'disable-user',
    'enable_wsrep_on',
    'maximum_port',
    'maximum-server-id',
    'loose_skip_socket',
    'skip_loose_datadir',
    'LOOSE-Enable-wsrep_prov',
  ])('refuses %s: the server takes its prefix off', (key) => {
    expect(check(key)).toThrow('is set by dbns itself');
  });

  test.each(['initialize', 'bootstrap', 'help'])('refuses %s, with which it would be no server', (key) => {
    expect(check(key, null)).toThrow('would not run as one');
  });

  test.each([
    ['skip-networking', null, true],
    ['skip_networking', '1', true],
    ['loose-skip-networking', null, true],
    ['skip_networking', '0', false],
    ['skip-grant-tables', null, true],
    ['skip_log_bin', null, true],
    ['disable-log-bin', null, true],
    ['log_bin', 'OFF', false],
    ['performance_schema', 'OFF', true],
    ['performance_schema', 'ON', false],
    ['skip_performance_schema', null, true],
    ['skip_name_resolve', null, false],
    ['skip_replica_start', null, false],
    ['performance_schema_digests_size', '0', false],
  ])('a cluster that needs binary logs and the performance schema: %s = %j is refused: %j', (key, value, refused) => {
    const needs = { log_bin: 'why', performance_schema: 'why' };
    const given = () => {
      assertOptions([{ key, value }], needs);
    };
    if (refused) expect(given).toThrow(/^'\S+' can't be given to such a cluster: /);
    else expect(given).not.toThrow();
  });

  test('tells all that is wrong, and where it stands', () => {
    const options = [
      { key: 'port', value: '1', origin: 'my.cnf:2' },
      { key: 'max_connections', value: '9', origin: 'my.cnf:3' },
      { key: 'datadir', value: '/x', origin: 'my.cnf:4' },
    ];
    expect(() => {
      assertOptions(options);
    }).toThrow(
      "my.cnf:2: 'port' is set by dbns itself and can't be given.\nmy.cnf:4: 'datadir' is set by dbns itself and can't be given.",
    );
  });

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

test('plugins that are given come to those that dbns loads', () => {
  const given = (key: string) => optionLine({ key, value: 'a=a.so;b=b.so' });
  expect(given('plugin-load')).toBe('plugin_load_add = "a=a.so;b=b.so"');
  expect(given('loose_plugin_load')).toBe('loose_plugin_load_add = "a=a.so;b=b.so"');
  expect(given('plugin_load_add')).toBe('plugin_load_add = "a=a.so;b=b.so"');
  expect(given('early-plugin-load')).toBe('early-plugin-load = "a=a.so;b=b.so"');
});

test('options of a section come under its head, and those of all under [mysqld] again', () => {
  const [a, b] = [
    { key: 'a', value: '1' },
    { key: 'b', value: '2' },
  ];
  expect(optionLines([a, { ...b, section: 'mariadb' }, a])).toEqual([
    'a = 1',
    '[mariadb]',
    'b = 2',
    '[mysqld]',
    'a = 1',
  ]);
});

test('what a pristine directory is made with', () => {
  const given = ['innodb_page_size', 'default-time-zone', 'loose_group_replication_x', 'rpl_semi_sync_source_enabled'];
  expect(pristineOptions(given.map((key) => ({ key, value: '1' })))).toEqual([{ key: 'innodb_page_size', value: '1' }]);
  const plugin = [
    { key: 'plugin-load', value: '"validate_password.so;pam=auth_pam.so"' },
    { key: 'validate-password-policy', value: 'STRONG' },
    { key: 'pam_debug', value: null },
  ];
  expect(pristineOptions(plugin).map(({ key }) => key)).toEqual([
    'plugin-load',
    'loose_validate_password_policy',
    'loose_pam_debug',
  ]);
});

test('valueOf: the last wins, without its quotes', () => {
  const options = [
    { key: 'ssl-cert', value: '/a' },
    { key: 'loose_ssl_cert', value: '"/b"' },
    { key: 'ssl', value: null },
  ];
  expect(valueOf([{ key: 'skip-ssl', value: null }], 'ssl')).toBe('OFF');
  expect([valueOf(options, 'ssl_cert'), valueOf(options, 'ssl'), valueOf(options, 'port')]).toEqual(['/b', '', null]);
});
