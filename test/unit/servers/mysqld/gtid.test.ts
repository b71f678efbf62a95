import { describe, expect, test } from 'vitest';
import { GTIDS, singleGtids } from '../../../../src/servers/mysqld/gtid.js';

const A = '2f1cb7aa-e5b6-11f1-977f-02db0ac80003';
const B = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

describe('MySQL', () => {
  const { subtract, union, count, madeBy } = GTIDS.mysql;

  test.each([
    [`${A}:1-5`, '', `${A}:1-5`],
    [`${A}:1-5`, `${A}:1-5`, ''],
    [`${A}:1-5`, `${A}:1-3`, `${A}:4-5`],
    [`${A}:1-5`, `${A}:2-4`, `${A}:1:5`],
    [`${A}:1-5:7-9`, `${A}:4-8`, `${A}:1-3:9`],
    [`${A}:1-5,\n${B}:1`, `${B}:1-9`, `${A}:1-5`],
    [`${A}:1-3:tag:1-2`, `${A}:1-3`, `${A}:tag:1-2`],
    [`${A}:tag:1-2`, `${A}:1-9`, `${A}:tag:1-2`],
    [A.toUpperCase() + ':1', `${A}:1`, ''],
    ['', `${A}:1`, ''],
  ])('%j less %j is %j', (set, other, rest) => {
    expect(subtract(set, other)).toBe(rest);
  });

  test('the union joins neighbours', () => {
    expect(union([`${A}:1-3`, '', `${B}:9,${A}:4-5:7`])).toBe(`${A}:1-5:7,${B}:9`);
  });

  test('counts transactions', () => {
    expect(count(`${A}:1-5:10,${B}:1-2`, `${A}:2-3`)).toBe(6);
    expect(count('', `${A}:1`)).toBe(0);
  });

  test('tells who made them', () => {
    expect(madeBy(`${A}:1-5:tag:1,${B}:1-2`, A.toUpperCase())).toBe(`${A}:1-5,${A}:tag:1`);
    expect(madeBy(`${B}:1-2`, A)).toBe('');
  });
});

describe('MariaDB', () => {
  const { subtract, union, count, madeBy } = GTIDS.mariadb;

  test.each([
    ['0-1-5', '', '0-1-5'],
    ['0-1-5', '0-1-7', ''],
    ['0-1-5,0-2-6', '0-1-9', '0-2-6'],
    ['1-1-5,2-2-3', '1-1-5,2-2-1', '2-2-3'],
    ['', '0-1-1', ''],
  ])('%j less %j is %j', (set, other, rest) => {
    expect(subtract(set, other)).toBe(rest);
  });

  test('the union has the last of each server in each domain', () => {
    expect(union(['0-1-5,1-2-3', '0-1-7', ''])).toBe('0-1-7,1-2-3');
  });

  test('counts by domain, and no less than there are servers that parted', () => {
    expect(count('0-1-5', '0-1-2')).toBe(3);
    expect(count('0-1-50,0-2-60', '0-1-50,0-2-55')).toBe(5);
    expect(count('1-1-5,2-2-3', '1-1-4')).toBe(4);
    expect(count('0-1-5,0-2-5', '0-1-9')).toBe(1);
  });

  test('tells who made them', () => {
    expect(madeBy('1-1-5,2-1-3,2-11-9', '1')).toBe('1-1-5,2-1-3');
  });
});

test('singleGtids: each by itself, tags too', () => {
  const [uuid, other] = ['3e11fa47-71ca-11e1-9e33-c80aa9429562', '4e11fa47-71ca-11e1-9e33-c80aa9429562'];
  expect(singleGtids(`${uuid}:1-2:7,${other}:tag:3`)).toEqual([
    `${uuid}:1`,
    `${uuid}:2`,
    `${uuid}:7`,
    `${other}:tag:3`,
  ]);
  expect(singleGtids('')).toEqual([]);
});
