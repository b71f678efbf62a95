import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../../src/errors/errors.js';
import { LEAST_MEMORY, planMemory } from '../../../../src/servers/mysqld/memory.js';

const MIB = 1024 * 1024;

describe('planMemory', () => {
  test('without a budget is lean', () => {
    expect(planMemory(null)).toMatchObject({ bufferPool: 16 * MIB, gcache: 8 * MIB, connections: 50 });
  });

  test.each([MIB, LEAST_MEMORY - 1, 0])('%d bytes are too little', (budget) => {
    expect(() => planMemory(budget)).toThrow(UsageError);
    expect(() => planMemory(budget)).toThrow(/^--memory \d+M is too little for a node: the least is 128M\.$/);
  });

  test.each([LEAST_MEMORY, 192 * MIB, 512 * MIB, 1024 * MIB, 16 * 1024 * MIB])(
    'out of %d bytes, what is taken at once fits',
    (budget) => {
      const plan = planMemory(budget);
      const resident = plan.bufferPool + plan.logBuffer + plan.keyBuffer + plan.ariaPageCache;
      expect(resident).toBeLessThan(budget);
      for (const [name, value] of Object.entries(plan)) {
        expect(Number.isInteger(value), name).toBe(true);
        expect(value, name).toBeGreaterThan(0);
      }
    },
  );

  test('grows with the budget, and in whole MiB', () => {
    const [small, large] = [planMemory(256 * MIB), planMemory(4096 * MIB)];
    expect(small).toEqual({
      ...{ bufferPool: 106 * MIB, logBuffer: 6 * MIB, keyBuffer: 2 * MIB, ariaPageCache: 4 * MIB },
      ...{ redoLog: 53 * MIB, gcache: 16 * MIB, connections: 64, openTables: 256, tableDefinitions: 256 },
    });
    expect(large).toEqual({
      ...{ bufferPool: 2794 * MIB, logBuffer: 64 * MIB, keyBuffer: 16 * MIB, ariaPageCache: 64 * MIB },
      ...{ redoLog: 1397 * MIB, gcache: 256 * MIB, connections: 500, openTables: 2000, tableDefinitions: 1400 },
    });
  });
});
