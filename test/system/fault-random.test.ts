import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPxc, statusOf } from './world/cluster.js';
import { difference } from './world/difference.js';
import { kernelNow } from './world/kernel.js';
import { dbns, expectSameMachine, snapshot } from './world/machine.js';
import { HOURS } from './world/patience.js';
import { random, THOROUGH } from './world/sample.js';

// Faults and heals by chance, one after another and one over another: in the end nothing of them is left.

const TURNS = THOROUGH ? 100 : 10;

let before = '';
beforeAll(async () => {
  before = await snapshot();
});
afterAll(async () => {
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
});

const oneOf = <T>(all: readonly [T, ...T[]]): T => all[Math.floor(random() * all.length)] ?? all[0];
const node = () => oneOf(['node1', 'node2', 'node3', 'node4']);

const FAULTS: readonly [() => readonly string[], ...(() => readonly string[])[]] = [
  () => ['partition', 'c', '--isolate', oneOf(['random', 'minority', 'majority', node()])],
  () => ['partition', 'c', oneOf(['--halves', '--ring'])],
  () => ['partition', 'c', '--bridge', node(), '--reset'],
  () => ['partition', 'c', '--from', 'gateway', '--to', node(), '--new-only'],
  () => ['partition', 'c', '--isolate', node(), '--channel', oneOf(['client', 'replication', 'ist', 'sst'])],
  () => ['cut', 'c', node()],
  () => ['pause', 'c', '--all'],
  () => ['slow', 'c', '--node', node(), '--loss', '5%'],
  () => ['slow', 'c', '--from', 'node1', '--to', 'node2', '--rate', '10mbit'],
];

test(
  `${TURNS} of them leave nothing`,
  async () => {
    // What the servers make of it is not looked at here: they only have to be there.
    await createPxc([
      'c',
      '--nodes',
      '4',
      '-c',
      'wsrep_provider_options=evs.suspect_timeout=PT30S;evs.inactive_timeout=PT60S',
    ]);
    const whole = await kernelNow();
    for (let turn = 0; turn < TURNS; turn++) {
      const end = random() < 0.4 ? ['--for', oneOf(['500ms', '1s', '3s'])] : [];
      await dbns(['fault', ...oneOf(FAULTS)(), ...end]);
      const { faults } = await statusOf('c', '1s');
      const [{ id } = { id: '' }] = faults;
      const due = random();
      // It may have ended meanwhile.
      if (due < 0.3 && id !== '') await dbns(['heal', 'c', '--fault', id], { expectExit: 'any' });
      else if (due < 0.5) await dbns(['heal', 'c']);
    }
    await dbns(['heal', 'c']);
    await expect.poll(async () => difference(whole, await kernelNow())).toBe('');
    await expect.poll(async () => (await statusOf('c')).keeper).toBeNull();
    expect((await statusOf('c')).faults).toEqual([]);
  },
  HOURS,
);
