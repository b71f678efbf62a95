import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/errors/errors.js';
import { write } from '../../../../src/servers/mysqld/write.js';

const parts = (scheme: string, password: string, database: string | null = null) => ({
  uri: `${scheme}://dbns:…@10.200.0.2:3306/`,
  ...{ host: '10.200.0.2', port: 3306, user: 'dbns', password, database, ca: null },
});

describe('for Java', () => {
  test("MySQL's driver takes percent signs", () => {
    expect(write(parts('mysql', 'a&b=c d', 'my/shop'), 'jdbc')).toBe(
      'jdbc:mysql://10.200.0.2:3306/my%2Fshop?user=dbns&password=a%26b%3Dc%20d&allowPublicKeyRetrieval=true',
    );
  });

  test("MariaDB's takes every character as it stands, and none may end the value", () => {
    expect(write(parts('mariadb', 'a?b=c%20/d'), 'jdbc')).toBe(
      'jdbc:mariadb://10.200.0.2:3306/?user=dbns&password=a?b=c%20/d',
    );
    expect(() => write(parts('mariadb', 'a&b'), 'jdbc')).toThrow(UsageError);
    expect(() => write(parts('mariadb', 'ab', 'a?b'), 'jdbc')).toThrow(UsageError);
  });
});

test('for Go the password stands as it is, and the database can end neither it nor the address', () => {
  expect(write(parts('mysql', 'p@s/s:w?', 'a/b?c'), 'dsn')).toBe('dbns:p@s/s:w?@tcp(10.200.0.2:3306)/a%2Fb%3Fc');
});

test("for the servers' clients quotes keep what is special; a database is told to those that take statements", () => {
  expect(write(parts('mariadb', ' a"b\\c#', 'shop'), 'mycnf')).toBe(
    [
      ...['[client]', 'protocol = tcp', 'host = 10.200.0.2', 'port = 3306', 'user = dbns', 'password = " a\\"b\\\\c#"'],
      ...['[mysql]', 'database = "shop"'],
    ].join('\n'),
  );
});
