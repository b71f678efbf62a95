import { describe, expect, test } from 'vitest';
import {
  assertClusterName,
  bridgeName,
  firstFreeName,
  linkGroup,
  linkName,
  namespaceName,
  tableName,
} from '../../../src/cluster/names.js';
import { UsageError } from '../../../src/errors/errors.js';

describe('assertClusterName', () => {
  test.each(['a', 'pxc', 'pxc2', 'east-1', 'a--b', 'a'.repeat(32)])('takes %s', (name) => {
    expect(() => {
      assertClusterName(name);
    }).not.toThrow();
  });

  test.each([
    ['nothing', ''],
    ['a slash', 'a/b'],
    ['a way up', '..'],
    ['80 characters', 'a'.repeat(80)],
    ['33 characters', 'a'.repeat(33)],
    ['upper case', 'East'],
    ['a leading dash', '-east'],
    ['a trailing dash', 'east-'],
    ['a leading digit', '2east'],
    ['a leading dot', '.east'],
    ['an underscore', 'a_b'],
    ['a space', 'a b'],
    ['a line break', 'east\n'],
    ['a quote', 'a"b'],
    ['a star', '*'],
    ['a letter of another script', 'été'],
  ])('refuses %s', (_, name) => {
    expect(() => {
      assertClusterName(name);
    }).toThrow(UsageError);
  });

  test('shows the start of a long name only', () => {
    expect(() => {
      assertClusterName('x'.repeat(80));
    }).toThrow(new RegExp(`^'x{40}…' can't be a cluster's name`));
  });
});

describe('names on the machine', () => {
  test('say whose they are', () => {
    expect(namespaceName('east', 'node1')).toBe('dbns-east-node1');
    expect(tableName('east')).toBe('dbns-east');
    expect(bridgeName('a1b2c3d4', null)).toBe('dbnsa1b2c');
    expect(bridgeName('a1b2c3d4', 'b')).toBe('dbnsa1b2czb');
    expect(linkName('a1b2c3d4', 3)).toBe('dbnsa1b2cn3');
  });

  test('of links have at most 15 characters, for the last of 64 nodes too', () => {
    expect(linkName('ffffffff', 64).length).toBeLessThanOrEqual(15);
  });
});

describe('linkGroup', () => {
  test('is different for different bridges, and a number that the kernel takes', () => {
    expect(linkGroup('00000000')).toBe(0x5db00000);
    expect(linkGroup('fffff000')).toBe(0x5dbfffff);
    expect(linkGroup('a1b2c3d4')).not.toBe(linkGroup('a1b2d3d4'));
    expect(linkGroup('ffffffff')).toBeLessThan(2 ** 31);
  });
});

test('firstFreeName counts from 2 on', () => {
  expect(firstFreeName('pxc', new Set())).toBe('pxc');
  expect(firstFreeName('pxc', new Set(['pxc', 'pxc3']))).toBe('pxc2');
  expect(firstFreeName('pxc', new Set(['pxc', 'pxc2', 'pxc3']))).toBe('pxc4');
});
