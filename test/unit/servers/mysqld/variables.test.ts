import { expect, test } from 'vitest';
import {
  isSameValue,
  literalsOf,
  numberIn,
  readVariable,
  variableName,
} from '../../../../src/servers/mysqld/variables.js';

test.each([
  ['64M', '67108864'],
  ['1g', '1073741824'],
  ['8E', '9223372036854775808'],
  ['-1', '-1'],
  ['0.5', '0.5'],
  ['ON', null],
  ['64MB', null],
  ['', null],
])('numberIn %s: as an option file has it', (text, number) => {
  expect(numberIn(text)).toBe(number);
});

test('a value that may be a number is tried as one, and then as text', () => {
  expect(literalsOf('64M')).toEqual([
    { sql: '67108864', values: [] },
    { sql: '?', values: ['64M'] },
  ]);
  expect(literalsOf('"ANSI, TRADITIONAL"')).toEqual([{ sql: '?', values: ['ANSI, TRADITIONAL'] }]);
});

test.each([
  ['64M', '67108864', true],
  ['ON', '1', true],
  ['off', 'OFF', true],
  ["'row'", 'ROW', true],
  ['64M', '67108865', false],
  ['1', 'ROW', false],
  ['ON', 'OFF', false],
])('isSameValue %s, %s', (wanted, now, same) => {
  expect(isSameValue(wanted, now)).toBe(same);
});

test('a variable that is not there has no value', () => {
  expect(isSameValue('1', null)).toBe(false);
});

test.each([
  ['innodb-buffer-pool-size', 'innodb_buffer_pool_size'],
  ['loose_rpl_semi_sync_master_timeout', 'rpl_semi_sync_master_timeout'],
  ['skip_name_resolve', 'skip_name_resolve'],
])('variableName %s', (key, name) => {
  expect(variableName(key)).toBe(name);
});

test.each([
  [{ name: 'A', value: '2', fallback: '1', origin: 'CONFIG' }, true],
  [{ name: 'A', value: '1', fallback: '1', origin: 'CONFIG' }, false],
  [{ name: 'A', value: '2', fallback: '1', origin: 'AUTO' }, false],
  [{ name: 'a', value: '2', fallback: null, origin: 'EXPLICIT' }, true],
  [{ name: 'a', value: '2', fallback: null, origin: 'COMPILED' }, false],
])('what somebody said, and is not the default, is changed: %j', (row, isChanged) => {
  expect(readVariable(row)).toMatchObject({ name: 'a', isChanged });
});
