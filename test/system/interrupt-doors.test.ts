import { spawn, type ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPxc, statusOf } from './world/cluster.js';
import { difference } from './world/difference.js';
import { drive, isOver } from './world/drive.js';
import { kernelNow } from './world/kernel.js';
import { dbns, expectSameMachine, snapshot } from './world/machine.js';
import { HOURS } from './world/patience.js';
import { random, sample } from './world/sample.js';

// Doors and faults, interrupted: after the next look each is there as a whole, or not at all; nothing is left, and nobody is killed.

const HOWS = ['kill', 'SIGINT', 'kill', 'fail'] as const;
type How = (typeof HOWS)[number];
/** 0: it was too late to stop. 3: a look at the machine failed. 8: what could not be taken back is told. */
const CODES: Readonly<Record<How, readonly number[]>> = { kill: [137], SIGINT: [130, 0], fail: [1, 0, 3, 8] };

/** What is interrupted, what goes before, and how many interruptions a test tries that is not thorough. */
const CASES = [
  { verb: 'expose', first: [], tries: 1 },
  { verb: 'unexpose', first: ['expose', 'a', 'node1', '--host-port', '3399'], tries: 1 },
  { verb: 'link', first: [], tries: 2 },
  { verb: 'unlink', first: ['link', 'a', 'b'], tries: 1 },
  { verb: 'attach a process', first: [], tries: 2 },
  { verb: 'attach a command', first: [], tries: 1 },
  { verb: 'partition', first: [], tries: 1 },
  { verb: 'cut', first: [], tries: 1 },
  { verb: 'pause', first: [], tries: 1 },
  { verb: 'slow', first: [], tries: 1 },
  { verb: 'heal', first: ['fault', 'slow', 'a', '--from', 'gateway', '--to', 'node1', '--rate', '1mbit'], tries: 1 },
  { verb: 'heal', first: ['fault', 'cut', 'a', 'node1', '--for', '1h'], tries: 1 },
  { verb: 'heal', first: ['fault', 'pause', 'a', 'node1'], tries: 1 },
  { verb: 'detach', first: ['attach', 'a', 'app', '--', 'sleep', '1000'], tries: 1 },
] as const;

let before = '';
let whole = '';
let somebody: ChildProcess;

beforeAll(async () => {
  before = await snapshot();
  await createPxc(['a', '--nodes', '1']);
  await createPxc(['b', '--nodes', '1', '--internal']);
  whole = await kernelNow();
  somebody = spawn('unshare', ['--net', 'sleep', '100000'], { stdio: 'ignore' });
});

afterAll(async () => {
  expect(somebody.exitCode).toBeNull();
  expect(somebody.signalCode).toBeNull();
  somebody.kill();
  await dbns(['destroy', '--all', '--yes']);
  expectSameMachine(before, await snapshot());
});

const interrupt = (verb: string, how: How | 'never', moment: number) =>
  drive('doors.mjs', [verb, how, moment], { name: 'a', other: 'b', pid: somebody.pid });

/** A look at both; then what there is of doors is shut as a whole, and nothing is left. */
async function shutAll(): Promise<void> {
  const { exposures, links, attached, faults } = await statusOf('a');
  expect((await statusOf('b')).links).toHaveLength(links.length);
  for (const { process, phase } of attached) expect({ process, phase }).toEqual({ process: 'running', phase: 'added' });
  if (exposures.length > 0) await dbns(['unexpose', 'a', '--all']);
  if (links.length > 0) await dbns(['unlink', 'b', 'a']);
  if (faults.length > 0) await dbns(['heal', 'a']);
  if (attached.length > 0) await dbns(['detach', 'a', 'app']);
  await expect.poll(async () => difference(whole, await kernelNow())).toBe('');
}

test.each(sample(CASES, 8))(
  '$verb, interrupted: whole or not at all, and nothing is left',
  async ({ verb, first, tries }) => {
    const prepare = async () => (first.length > 0 ? dbns(first) : undefined);
    await prepare();
    const { stdout } = await interrupt(verb, 'never', 0);
    const { moments } = JSON.parse(stdout) as { moments: readonly string[] };
    await shutAll();
    expect(moments.length).toBeGreaterThan(5);
    const turn = Math.floor(random() * HOWS.length);
    const all = moments.map((name, index) => ({
      ...{ name, moment: index + 1 },
      how: HOWS[(index + turn) % HOWS.length] ?? 'kill',
    }));
    const report: string[] = [];
    for (const { name, moment, how } of sample(all, tries)) {
      try {
        await prepare();
        const { exitCode, stdout: said, stderr } = await interrupt(verb, how, moment);
        if (!CODES[how].includes(exitCode) && !(exitCode === 0 && isOver(said, moment)))
          throw new Error(`ended with ${exitCode}: ${said} ${stderr}`);
        await shutAll();
      } catch (error) {
        report.push(`${how} at moment ${moment} (${name}): ${String(error)}`);
        await shutAll().catch(() => undefined);
      }
    }
    expect(report).toEqual([]);
  },
  HOURS,
);
