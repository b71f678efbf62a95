import { defineConfig } from 'vitest/config';

/** Against tests that hang: no machine is so busy. How long things take is for bench/ to say. Milliseconds. */
const testTimeout = 1_800_000;

export default defineConfig({
  test: {
    projects: [
      // What is pure needs no process of its own for each file: that was nine tenths of its time.
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], isolate: false, testTimeout } },
      {
        test: {
          ...{ name: 'command', include: ['test/command/**/*.test.ts'], globalSetup: ['test/command/build.ts'] },
          ...{ testTimeout, hookTimeout: testTimeout },
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          setupFiles: ['test/system/world/require.ts'],
          pool: 'forks',
          fileParallelism: false,
          ...{ testTimeout, hookTimeout: testTimeout },
          expect: { poll: { timeout: 300_000, interval: 50 } },
        },
      },
    ],
  },
});
