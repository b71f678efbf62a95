import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandResult } from './world/command.js';
import { difference } from './world/difference.js';
import { dbns, snapshot, startDbns } from './world/machine.js';
import { MONGOD } from './world/mongo.js';
import { HOURS } from './world/patience.js';
import { SEED, THOROUGH, random } from './world/sample.js';

// DBNS_TEST_KILLS  how many `create`s are killed; 200 in a thorough run, else 10. The other numbers follow from it.
// DBNS_TEST_KILLED the topology whose `create` is killed: pxc, or mongo with DBNS_TEST_MONGOD.
const KILLS = Number(process.env.DBNS_TEST_KILLS ?? (THOROUGH ? 200 : 10));

const TOPOLOGY = process.env.DBNS_TEST_KILLED ?? 'pxc';
const createWith = (nodes: number) => {
  const image = TOPOLOGY === 'mongo' ? ['--image', MONGOD] : [];
  return [TOPOLOGY, 'create', '--nodes', String(nodes), ...image, '--json'];
};
const CREATE = createWith(2);
/** One node bootstraps, two form by the recorded view: both in turns. */
const createOf = (round: number) => createWith(round % 2 === 0 ? 2 : 1);

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const median = (times: readonly number[]) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;

let before = '';
let createTime = 0;
let destroyTime = 0;

beforeAll(async () => {
  await dbns(CREATE);
  await dbns(['destroy', '--all', '--yes']);
  before = await snapshot();
  const [creates, destroys]: [number[], number[]] = [[], []];
  for (let round = 0; round < 5; round++) {
    creates.push(await timeOf(() => dbns(CREATE)));
    destroys.push(await timeOf(() => dbns(['destroy', '--all', '--yes'])));
  }
  [createTime, destroyTime] = [median(creates), median(destroys)];
  console.log(
    `DBNS_TEST_SEED=${SEED}; create takes ${createTime.toFixed(0)} ms, destroy ${destroyTime.toFixed(0)} ms (medians of 5)`,
  );
});

/** Sends a signal to a dbns (to it alone) after some ms. */
async function interrupt(words: readonly string[], signal: NodeJS.Signals, after: number): Promise<CommandResult> {
  const { child, result } = startDbns(words, { expectExit: 'any' });
  const timer = setTimeout(() => child.kill(signal), after);
  const ended = await result;
  clearTimeout(timer);
  return ended;
}

/** It told its cluster: a signal came too late, be it in the milliseconds in which node ends and hears none any more. */
const toldItsCluster = ({ stdout }: CommandResult) => /^ {2}"nodes": \[$/m.test(stdout);

/** Does it so many times; answers what was amiss, by the milliseconds at which it was. */
async function times(
  count: number,
  longest: number,
  work: (after: number, round: number) => Promise<string>,
): Promise<readonly string[]> {
  const amiss: string[] = [];
  let expected = before;
  for (let round = 1; round <= count; round++) {
    const after = random() * longest;
    const words = await work(after, round);
    const now = await snapshot();
    const left = difference(expected, now);
    expected = now; // what one leaves is told once
    if (words !== '' || left !== '') amiss.push(`round ${round}, ${after.toFixed(1)} ms: ${words} ${left}`);
  }
  return amiss;
}

async function destroyAll(): Promise<string> {
  const { exitCode, stderr } = await dbns(['destroy', '--all', '--yes'], { expectExit: 'any' });
  return exitCode === 0 ? '' : `destroy ended with ${exitCode}: ${stderr}`;
}

describe('create', () => {
  test(
    `killed ${KILLS} times at a random millisecond, then destroy: nothing is left`,
    async () => {
      let killed = 0;
      const amiss = await times(KILLS, 1.3 * createTime, async (after, round) => {
        if ((await interrupt(createOf(round), 'SIGKILL', after)).exitCode === 137) killed++;
        return destroyAll();
      });
      expect(amiss).toEqual([]);
      expect(killed).toBeGreaterThan(KILLS / 3);
    },
    HOURS,
  );

  const count = Math.ceil(KILLS / 10);
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    `interrupted ${count} times by %s: rolled back by itself`,
    async (signal, code) => {
      const amiss = await times(count, 1.1 * createTime, async (after) => {
        const ended = await interrupt(CREATE, signal, after);
        if (toldItsCluster(ended)) return destroyAll();
        return ended.exitCode === code ? '' : `ended with ${ended.exitCode}: ${ended.stderr}`;
      });
      expect(amiss).toEqual([]);
    },
    HOURS,
  );
});

describe('destroy', () => {
  const count = Math.ceil((KILLS * 3) / 20);
  test(
    `killed ${count} times at a random millisecond, then destroy again: nothing is left`,
    async () => {
      const amiss = await times(count, 1.3 * destroyTime, async (after) => {
        await dbns(CREATE);
        await interrupt(['destroy'], 'SIGKILL', after);
        return destroyAll();
      });
      expect(amiss).toEqual([]);
    },
    HOURS,
  );
});

afterAll(async () => {
  expect(difference(before, await snapshot())).toBe('');
});
