import { expect, test } from 'vitest';
import { rowsOf } from '../../../../src/lifecycle/change/options.js';

const now = (name: string, value: string, isChanged = true, fallback: string | null = '1') => ({
  ...{ name, value, isChanged, default: fallback, origin: isChanged ? 'CONFIG' : 'COMPILE-TIME' },
});

test('what some node has not at its default, with what all have', () => {
  const rows = rowsOf(
    new Map([
      ['node1', [now('b', '2'), now('a', '1', false), now('c', '5')]],
      ['node2', [now('b', '1', false), now('a', '1', false), now('c', '5')]],
      ['node3', [now('b', '1', false), now('c', '5'), now('d', '7', true, null)]],
    ]),
  );
  expect(rows).toEqual([
    {
      ...{ name: 'b', default: '1', values: { node1: '2', node2: '1', node3: '1' }, differs: true },
      origins: { node1: 'CONFIG', node2: 'COMPILE-TIME', node3: 'COMPILE-TIME' },
    },
    {
      ...{ name: 'c', default: '1', values: { node1: '5', node2: '5', node3: '5' }, differs: false },
      origins: { node1: 'CONFIG', node2: 'CONFIG', node3: 'CONFIG' },
    },
    { name: 'd', default: null, values: { node3: '7' }, differs: true, origins: { node3: 'CONFIG' } },
  ]);
});
