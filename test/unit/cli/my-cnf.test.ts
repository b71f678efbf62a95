import { describe, expect, test } from 'vitest';
import { parseMyCnf } from '../../../src/cli/my-cnf.js';
import { UsageError } from '../../../src/errors/errors.js';

const read = (...lines: string[]) => parseMyCnf('my.cnf', lines.join('\n'));
const pairs = (...lines: string[]) => read('[mysqld]', ...lines).options.map(({ key, value }) => [key, value]);

describe('parseMyCnf', () => {
  test('keys, values, comments, blanks', () => {
    expect(
      pairs(
        '# a comment',
        '; another',
        '',
        '  max_connections = 77  ',
        'skip-log-bin',
        'sql_mode=ANSI # why',
        'init_connect = "SET @a = 1; SET @b = \'#\'" # why',
        "ft_stopword_file = ''",
        'tmp=',
      ),
    ).toEqual([
      ['max_connections', '77'],
      ['skip-log-bin', null],
      ['sql_mode', 'ANSI'],
      ['init_connect', '"SET @a = 1; SET @b = \'#\'"'],
      ['ft_stopword_file', "''"],
      ['tmp', ''],
    ]);
  });

  test('files of other systems: a byte order mark, CR LF', () => {
    const { options } = parseMyCnf('f', '\uFEFF[mysqld]\r\na=1\r\n');
    expect(options).toEqual([{ key: 'a', value: '1', origin: 'f:2' }]);
  });

  test('sections: each server picks its own; those of other programs are left out', () => {
    const { options, leftOut } = read(
      ...['[client]', 'port = 3306', '[mysqld]', 'a=1', '[server] # all', 'b=2', '[mariadb-10.11]', 'c=3'],
      ...['[mysqld-9.7]', 'd=4', '[mysqldump]', 'quick', '[client]', 'x=1'],
    );
    expect(options).toEqual([
      { key: 'a', value: '1', origin: 'my.cnf:4' },
      { key: 'b', value: '2', origin: 'my.cnf:6' },
      { key: 'c', value: '3', section: 'mariadb-10.11', origin: 'my.cnf:8' },
      { key: 'd', value: '4', section: 'mysqld-9.7', origin: 'my.cnf:10' },
    ]);
    expect(leftOut).toEqual(['client', 'mysqldump']);
  });

  test.each([
    [['a=1'], "my.cnf:1: 'a=1' stands before any section: begin with [mysqld]."],
    [
      ['[mysqld]', '!include /etc/x.cnf'],
      "my.cnf:2: '!include /etc/x.cnf' names other files: give their lines in this one.",
    ],
    [['!includedir /etc/x'], "my.cnf:1: '!includedir /etc/x' names other files: give their lines in this one."],
    [['', '[mysqld'], "my.cnf:2: '[mysqld' is no section: write it like [mysqld]."],
  ])('%j is refused by its line', (lines, message) => {
    expect(() => read(...lines)).toThrow(new UsageError(message));
  });
});
