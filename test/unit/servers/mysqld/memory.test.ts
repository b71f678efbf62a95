import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/errors/errors.js';
import { LEAST_MEMORY, assertMemory, gcacheOf, planMemory } from '../../../../src/servers/mysqld/memory.js';

import { MARIADB, MYSQL_9_7 } from '../../../fakes/cluster.js';

const MIB = 1024 * 1024;

describe('planMemory', () => {
  test('without a budget is lean', () => {
    expect(planMemory(null, 'mariadb')).toMatchObject({ bufferPool: 16 * MIB, connections: 50 });
  });

  test.each([MIB, LEAST_MEMORY.mariadb - 1, 0])('%d bytes are too little', (budget) => {
    expect(() => planMemory(budget, 'mariadb')).toThrow(UsageError);
    expect(() => planMemory(budget, 'mariadb')).toThrow(
      /^--memory \d+M is too little for a node: the least is 128M\.$/,
    );
  });

  test.each([LEAST_MEMORY.mariadb, 192 * MIB, 512 * MIB, 1024 * MIB, 16 * 1024 * MIB])(
    'out of %d bytes, what is taken at once fits',
    (budget) => {
      const plan = planMemory(budget, 'mariadb');
      const resident = plan.bufferPool + plan.logBuffer + plan.keyBuffer + plan.ariaPageCache;
      expect(resident).toBeLessThan(budget);
      for (const [name, value] of Object.entries(plan)) {
        expect(Number.isInteger(value), name).toBe(true);
        expect(value, name).toBeGreaterThan(0);
      }
    },
  );

  test('grows with the budget, and in whole MiB', () => {
    const [small, large] = [planMemory(256 * MIB, 'mariadb'), planMemory(4096 * MIB, 'mariadb')];
    expect(small).toEqual({
      ...{ bufferPool: 106 * MIB, logBuffer: 6 * MIB, keyBuffer: 2 * MIB, ariaPageCache: 4 * MIB },
      ...{ redoLog: 53 * MIB, connections: 64, openTables: 256, tableDefinitions: 256 },
    });
    expect(large).toEqual({
      ...{ bufferPool: 2794 * MIB, logBuffer: 64 * MIB, keyBuffer: 16 * MIB, ariaPageCache: 64 * MIB },
      ...{ redoLog: 1397 * MIB, connections: 500, openTables: 2000, tableDefinitions: 1400 },
    });
  });

  test('MySQL keeps 400 table definitions at least', () => {
    expect(planMemory(null, 'mysql').tableDefinitions).toBe(400);
    expect(planMemory(300 * MIB, 'mysql').tableDefinitions).toBe(400);
    expect(planMemory(null, 'mariadb').tableDefinitions).toBe(256);
  });

  test('MySQL needs more before it has a buffer pool', () => {
    expect(() => planMemory(LEAST_MEMORY.mysql - 1, 'mysql')).toThrow('the least is 288M.');
    expect(planMemory(512 * MIB, 'mysql').bufferPool).toBe(179 * MIB);
  });
});

test('gcacheOf', () => {
  expect([null, 128 * MIB, 256 * MIB, 64 * 1024 * MIB].map(gcacheOf)).toEqual([8, 8, 16, 1024].map((mib) => mib * MIB));
});

test('assertMemory looks at every server', () => {
  expect(() => {
    assertMemory([MARIADB, MYSQL_9_7], 200 * MIB);
  }).toThrow('the least is 288M.');
  expect(() => {
    assertMemory([MARIADB, MYSQL_9_7], null);
  }).not.toThrow();
});
