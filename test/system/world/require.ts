import { expect } from 'vitest';

/** A setup file of the system tests: they make networks and mounts, and must not do that to the machine itself. */
const file = expect.getState().testPath ?? '';
const needsTheMachine = file.endsWith('-real.test.ts') && process.env.DBNS_TEST_PULL === '1';

if (process.env.DBNS_WORLD !== '1' && !needsTheMachine) {
  throw new Error('System tests run in a world of their own: type `npm run test:system`.');
}
