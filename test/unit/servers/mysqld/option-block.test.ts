import { describe, expect, test } from 'vitest';
import { valueIn, withOptions } from '../../../../src/servers/mysqld/option-block.js';

const HEAD = '# Given with --my-cnf and --my-cnf-option.';
const BARE = '[mysqld]\nport = 3306\nmax_connections = 50\n\n# This start.\n!include /c/node1/forming.cnf\n';
const option = (key: string, value: string, section?: string) => ({ key, value, ...(section && { section }) });
const ids = (...names: string[]) => new Set(names);

describe('withOptions', () => {
  test('puts the first ones before the file of one start, so that they win over what stands above', () => {
    const config = withOptions(BARE, [option('max_connections', '200')], ids('max_connections'));
    expect(config).toBe(
      `[mysqld]\nport = 3306\nmax_connections = 50\n\n${HEAD}\nmax_connections = 200\n\n# This start.\n!include /c/node1/forming.cnf\n`,
    );
    expect(valueIn(config, 'max_connections')).toBe('200');
  });

  test("names files of the user's as the server sees them", () => {
    const own = [option('ssl_cert', '/home/me/cert.pem'), option('wait_timeout', '7')];
    const config = withOptions(BARE, own, ids('wait_timeout'));
    expect(config).toContain('ssl_cert = /run/dbns-tls/1-cert.pem\n');
    expect(withOptions(config, own, ids('wait_timeout'))).toBe(config);
  });

  test('once more changes nothing', () => {
    const options = [option('max_connections', '200'), option('wait_timeout', '7', 'mariadb-10.11')];
    const once = withOptions(BARE, options, ids('max_connections', 'wait_timeout'));
    expect(withOptions(once, options, ids('max_connections'))).toBe(once);
    expect(withOptions(once, options, ids())).toBe(once);
  });

  test('takes the last one away with its head', () => {
    const given = withOptions(BARE, [option('max_connections', '200')], ids('max_connections'));
    expect(withOptions(given, [], ids('max_connections')).replace(/\n\n+/g, '\n\n')).toBe(BARE);
  });

  test('keeps what somebody wrote among them, but for what changes', () => {
    const present = `[mysqld]\n${HEAD}\nmax_connections = 200\nby_hand = 1\n\n!include /c/forming.cnf\n`;
    expect(withOptions(present, [option('max-connections', '300')], ids('max_connections'))).toBe(
      `[mysqld]\n${HEAD}\nby_hand = 1\nmax-connections = 300\n\n!include /c/forming.cnf\n`,
    );
    expect(withOptions(present, [], ids('by_hand', 'max_connections'))).toBe('[mysqld]\n\n!include /c/forming.cnf\n');
  });

  test('stands in the section of all servers, whatever was the last', () => {
    const present = '[mysqld]\nport = 3306\n[client]\nuser = x\n';
    const config = withOptions(present, [option('wait_timeout', '9')], ids('wait_timeout'));
    expect(config).toContain(`[mysqld]\n${HEAD}\nwait_timeout = 9\n`);
    expect(valueIn(config, 'wait_timeout')).toBe('9');
  });
});

test('valueIn: the last of all servers counts, not one of a version or another program', () => {
  const config = '[mysqld]\na_b = 1\n[mariadb-11.8]\na_b = 3\n[mysqld]\na-b = 2\n[client]\na_b = 4\n';
  expect(valueIn(config, 'a_b')).toBe('2');
  expect(valueIn(config, 'none')).toBeNull();
});
