import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../src/errors/errors.js';
import { parseReference } from '../../../src/images/reference.js';

describe('an image is', () => {
  test('NAME:VERSION', () => {
    expect(parseReference('mariadb:10.11')).toEqual({ kind: 'pulled', name: 'mariadb', version: '10.11' });
  });

  test('a directory, whose path is made plain', () => {
    expect(parseReference('dir:/opt/mysql/../mysql/8.4.3/')).toEqual({ kind: 'directory', path: '/opt/mysql/8.4.3' });
  });

  test('the host', () => {
    expect(parseReference('host')).toEqual({ kind: 'host' });
  });
});

test.each([
  ...['', 'mariadb', 'mariadb:', ':10.11', 'mariadb:10.11:1', 'MariaDB:10.11', 'mariadb:10.11 ', 'mariadb: 10.11'],
  ...['../x:1', 'x/y:1', 'x:../1', 'x:..', 'x:.hidden', '-x:1', 'x:-1', `x:${'1'.repeat(80)}`, 'mariadb:10.11\n'],
  ...['dir:', 'dir:opt', 'dir:./opt', 'dir:~/x', 'dir:/', 'dir:/..', 'dir:/opt/a\nb', 'hosts', 'Host'],
])('%j is no image', (ref) => {
  expect(() => parseReference(ref)).toThrow(UsageError);
});

test.each(['dir:/tmp/mysql', 'dir:/var/tmp/x', 'dir:/proc/1', 'dir:/opt/../tmp'])(
  '%s would be hidden from servers, and the message says so',
  (ref) => {
    expect(() => parseReference(ref)).toThrow(/of their own/);
  },
);

test.each(['dir:/tmpfiles/mysql', 'dir:/var/lib/mysql', 'dir:/home/u/mysql', 'dir:/root/x'])('%s is seen', (ref) => {
  expect(parseReference(ref).kind).toBe('directory');
});
