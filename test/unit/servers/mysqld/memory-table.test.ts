import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseSize } from '../../../../src/cli/values.js';
import { gcacheOf, planMemory, type MemoryPlan } from '../../../../src/servers/mysqld/memory.js';

const MIB = 1024 * 1024;
const PAGE = readFileSync(new URL('../../../../docs/pxc.md', import.meta.url), 'utf8');

/** Setting → what it is in a plan. */
const SETTINGS: Readonly<Record<string, keyof MemoryPlan>> = {
  innodb_buffer_pool_size: 'bufferPool',
  innodb_log_buffer_size: 'logBuffer',
  key_buffer_size: 'keyBuffer',
  aria_pagecache_buffer_size: 'ariaPageCache',
  innodb_log_file_size: 'redoLog',
  max_connections: 'connections',
  table_open_cache: 'openTables',
  table_definition_cache: 'tableDefinitions',
};

const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

const table = PAGE.slice(PAGE.indexOf('| setting | MariaDB lean |')).split('\n\n')[0] ?? '';
const [head = [], , ...rows] = table.split('\n').map(cellsOf);

/** `PXC 1G`, `MariaDB lean`. */
function expected(column: string, setting: string): number {
  const [server, size = ''] = column.split(' ');
  const budget = size === 'lean' ? null : parseSize(size);
  if (setting === 'gcache.size') return gcacheOf(budget) / MIB;
  const value = planMemory(budget, server === 'PXC' ? 'mysql' : 'mariadb')[SETTINGS[setting] ?? 'bufferPool'];
  return value >= MIB ? value / MIB : value;
}

test('the table of memory in docs/pxc.md names every setting', () => {
  const named = rows.map(([setting = '']) => /`([^`]+)`/.exec(setting)?.[1]);
  expect(named).toEqual(expect.arrayContaining([...Object.keys(SETTINGS), 'gcache.size']));
});

test.each(rows.map((row) => ({ setting: /`([^`]+)`/.exec(row[0] ?? '')?.[1] ?? '', row })))(
  '$setting is in docs/pxc.md what it is in memory.ts',
  ({ setting, row }) => {
    const columns = head.slice(1, -1);
    const told = columns.map((column, position) => [column, row[position + 1]]).filter(([, text]) => text !== '');
    expect(told).toEqual(told.map(([column = '']) => [column, String(expected(column, setting))]));
  },
);
