import { expect, test } from 'vitest';
import { run } from './world/command.js';
import { HOURS } from './world/patience.js';
import { THOROUGH } from './world/sample.js';
import { dbns, expectSameMachine, keepMachineClean, snapshot } from './world/machine.js';

keepMachineClean();

const CYCLES = THOROUGH ? 50 : 5;

/** Kilobytes on disk below /var/lib/dbns, images left out; what is not written yet has not all its blocks. */
async function diskUsage(): Promise<number> {
  await run(['sync', '--file-system', '/var/lib/dbns']);
  const { stdout } = await run([
    'du',
    '--summarize',
    '--one-file-system',
    '--exclude',
    '/var/lib/dbns/images',
    '/var/lib/dbns',
  ]);
  return Number.parseInt(stdout, 10);
}

test(`${CYCLES} clusters, one after another, leave no more than one did`, { timeout: HOURS }, async () => {
  await cycle();
  const [before, usedBefore] = [await snapshot(), await diskUsage()];
  for (let round = 1; round <= CYCLES; round++) {
    await cycle();
    expectSameMachine(before, await snapshot());
  }
  const caches = (text: string) => text.slice(text.indexOf('# caches'));
  expect(caches(await snapshot())).toBe(caches(before));
  expect(await diskUsage()).toBe(usedBefore);
});

async function cycle(): Promise<void> {
  await dbns(['pxc', 'create', '--nodes', '2', '--json']);
  await dbns(['destroy', 'pxc']);
}
