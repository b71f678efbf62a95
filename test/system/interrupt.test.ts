import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DNSMASQ, startDhcpServer } from './world/dhcp-server.js';
import { difference } from './world/difference.js';
import { drive } from './world/drive.js';
import { FREE, giveAddress, layWire, takeWire, WIRE } from './world/lan.js';
import { dbns, snapshot } from './world/machine.js';
import { MONGOD } from './world/mongo.js';
import { addBridge, HAS_OPEN_VSWITCH, startOpenVswitch, stopOpenVswitch, takeBridge } from './world/open-vswitch.js';
import { HOURS } from './world/patience.js';
import { sample, THOROUGH } from './world/sample.js';

const PRISTINE = '/var/lib/dbns/pristine';
/** How many of the moments a test tries that is not thorough: of steps and acts, of those of a pristine directory. */
const SAMPLED = 2;
const SAMPLED_PRISTINE = 1;

type How = 'never' | 'fail' | 'kill' | 'SIGINT' | 'SIGTERM';

/** What a driver prints when nothing interrupts it. */
interface Passed {
  readonly state: string;
  readonly started: readonly string[];
  readonly done: readonly string[];
  readonly act: readonly string[];
}

/** What was found amiss, by where it was interrupted; nothing when all is well. */
class Report {
  readonly lines: string[] = [];

  add(where: string, expected: boolean, words: string): void {
    if (!expected) this.lines.push(`${where}: ${words}`);
  }
}

/** An abort is looked for before each step, and while servers are asked: only after the last is it too late. */
const MAY_BE_TOO_LATE = 3;

/** Both take the same way: they take turns. */
const signalOf = (index: number) => (index % 2 === 0 ? 'SIGINT' : 'SIGTERM');

interface Case {
  readonly topology: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly skip: boolean;
  /** Makes what it needs of the machine, and returns what takes that away. */
  readonly lay?: () => Promise<() => Promise<void>>;
}

/** Two nodes are a cluster that forms. */
const CASES: readonly Case[] = [
  {
    topology: 'pxc',
    spec: { topology: 'pxc', name: 'cut', nodes: 2, image: process.env.DBNS_TEST_IMAGE },
    skip: false,
  },
  { topology: 'mongo', spec: { topology: 'mongo', name: 'cut', nodes: 2, image: MONGOD }, skip: MONGOD === '' },
  ...(['zones', 'layout'] as const).map((shape) => ({
    topology: `pxc with ${shape}`,
    spec: {
      ...{ topology: 'pxc', name: 'cut', nodes: 2, image: process.env.DBNS_TEST_IMAGE },
      ...(shape === 'zones' ? { zones: 2 } : { layout: 'routed' }),
    },
    skip: !THOROUGH,
  })),
  {
    topology: 'replication in a LAN, with an interface of the machine',
    spec: {
      ...{ topology: 'replication', name: 'cut', nodes: 2, image: process.env.DBNS_TEST_IMAGE },
      ...{ bridgeTo: WIRE, addressRange: FREE },
    },
    skip: !THOROUGH,
    lay: async () => {
      await layWire();
      await giveAddress(WIRE);
      return takeWire;
    },
  },
  {
    topology: 'replication in a LAN, at Open vSwitch, with addresses by DHCP',
    spec: {
      ...{ topology: 'replication', name: 'cut', nodes: 2, image: process.env.DBNS_TEST_IMAGE },
      ...{ bridgeTo: 'br1', dhcp: true },
    },
    skip: !THOROUGH || DNSMASQ === null || !HAS_OPEN_VSWITCH,
    lay: async () => {
      await layWire();
      await startOpenVswitch();
      await addBridge();
      const server = await startDhcpServer('/run/test-world/leases', '192.168.7.100,192.168.7.250');
      return async () => {
        await server.stop();
        await stopOpenVswitch();
        await takeBridge();
        await takeWire();
      };
    },
  },
];

for (const { topology, spec, skip, lay } of CASES) {
  describe.skipIf(skip)(topology, () => {
    let take: (() => Promise<void>) | undefined;
    beforeAll(async () => {
      take = await lay?.();
    });
    afterAll(() => take?.());

    const create = (how: How, moment: keyof Passed = 'started', number = 0) =>
      drive('create.mjs', [how, moment, number], spec);

    let warm: Passed;
    let before = '';
    beforeAll(async () => {
      await create('never');
      await dbns(['destroy', '--all', '--yes']);
      before = await snapshot();
      warm = JSON.parse((await create('never')).stdout) as Passed;
      await dbns(['destroy', '--all', '--yes']);
      expect(difference(before, await snapshot())).toBe('');
    });

    /** Goes on from where the last one ended, so that what one leaves is told once. */
    let now = '';
    async function leftBehind(): Promise<string> {
      const earlier = now || before;
      now = await snapshot();
      return difference(earlier, now);
    }

    /** Interrupts `create` at one moment; `rollback` says whether it is dead or must have rolled back by itself. */
    async function interrupt(
      report: Report,
      how: How,
      moment: 'started' | 'done' | 'act',
      number: number,
      name: string,
    ) {
      const where = `${how} at ${moment} ${number} (${name})`;
      const { exitCode, stdout } = await create(how, moment, number);
      const codes = { never: [0], fail: [1], kill: [137], SIGINT: [130, 0], SIGTERM: [143, 0] }[how];
      report.add(where, codes.includes(exitCode), `ended with ${exitCode}: ${stdout}`);
      if (how === 'kill' || exitCode === 0) {
        const destroyed = await dbns(['destroy', '--all', '--yes'], { expectExit: 'any' });
        report.add(where, destroyed.exitCode === 0, `destroy ended with ${destroyed.exitCode}: ${destroyed.stderr}`);
      }
      const left = await leftBehind();
      report.add(where, left === '', left);
      return exitCode;
    }

    describe.each(['started', 'done'] as const)('create interrupted when a step is %s', (moment) => {
      test.each(['fail', 'kill', ...(moment === 'started' ? (['a signal'] as const) : [])] as const)(
        '%s leaves nothing, at every step',
        async (how) => {
          const report = new Report();
          const steps = warm[moment];
          for (const [index, name] of sample([...steps.entries()], SAMPLED)) {
            const exitCode = await interrupt(
              report,
              how === 'a signal' ? signalOf(index) : how,
              moment,
              index + 1,
              name,
            );
            if (index < steps.length - MAY_BE_TOO_LATE)
              report.add(name, exitCode !== 0, 'the interruption was not seen');
          }
          expect(steps.length).toBeGreaterThan(10);
          expect(report.lines).toEqual([]);
        },
        HOURS,
      );
    });

    describe('create interrupted before its first step', () => {
      test.each(['fail', 'kill'] as const)(
        '%s leaves nothing, at every act on the machine',
        async (how) => {
          const report = new Report();
          for (const [index, name] of sample([...warm.act.entries()], SAMPLED))
            await interrupt(report, how, 'act', index + 1, name);
          expect(warm.act.length).toBeGreaterThan(5);
          expect(report.lines).toEqual([]);
        },
        HOURS,
      );
    });

    describe('the making of a pristine directory', () => {
      const forget = () => {
        rmSync(PRISTINE, { recursive: true, force: true });
      };
      const stepsOfPristine = async () => {
        forget();
        const cold = JSON.parse((await create('never')).stdout) as Passed;
        await dbns(['destroy', '--all', '--yes']);
        return cold.started.slice(0, cold.started.length - warm.started.length);
      };

      test.each(sample(['fail', 'SIGINT', 'kill'] as const, 1))(
        '%s at every step of it: whole or not at all',
        async (how) => {
          const report = new Report();
          const steps = await stepsOfPristine();
          for (const moment of ['started', 'done'] as const) {
            for (const [index, name] of sample([...steps.entries()], SAMPLED_PRISTINE)) {
              forget();
              await interrupt(report, how, moment, index + 1, name);
              const entries = readdirSync(PRISTINE);
              const whole = entries.filter((entry) => !entry.startsWith('.'));
              const isLast = how === 'SIGINT' && index === steps.length - 1; // then it is finished first
              report.add(name, whole.length === 0 || isLast, `left a pristine directory: ${whole.join(', ')}`);
              report.add(
                name,
                how === 'kill' || entries.length === whole.length,
                `left a draft: ${entries.join(', ')}`,
              );
            }
          }
          expect(steps.length).toBeGreaterThanOrEqual(5);
          expect(report.lines).toEqual([]);
        },
        HOURS,
      );

      test('what a dead create left half made is removed by the next, which succeeds', async () => {
        forget();
        await create('kill', 'started', 3);
        const [draft] = readdirSync(PRISTINE);
        expect(draft).toMatch(/^\.draft-/);
        // What a bubblewrap is that lost its parent before it had mounted anything: it waits, as root, with its argv alone.
        const stuck = spawn('bash', [
          '-c',
          `exec -a bwrap node -e 'setInterval(() => 0, 1000)' -- --bind ${PRISTINE}/${draft ?? ''}`,
        ]);
        await once(stuck, 'spawn');
        const ended = once(stuck, 'exit');
        expect((await create('never')).exitCode).toBe(0);
        expect(await ended).toEqual([null, 'SIGKILL']);
        expect(readdirSync(PRISTINE)).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
        await dbns(['destroy', '--all', '--yes']);
        expect(await leftBehind()).toBe('');
      });
    });

    describe('destroy interrupted at every act on the machine', () => {
      test.each(['fail', 'kill'] as const)(
        '%s, then destroy again: nothing is left',
        async (how) => {
          await create('never');
          const { acts } = JSON.parse((await drive('destroy.mjs', ['never', 0], spec)).stdout) as {
            acts: readonly string[];
          };
          const report = new Report();
          for (const [index, act] of sample([...acts.entries()], SAMPLED)) {
            const where = `${how} at act ${index + 1} (${act})`;
            await create('never');
            const { exitCode, stdout } = await drive('destroy.mjs', [how, index + 1], spec);
            report.add(where, how === 'fail' || exitCode === 137, `ended with ${exitCode}: ${stdout}`);
            const again = await dbns(['destroy', '--all', '--yes'], { expectExit: 'any' });
            report.add(where, again.exitCode === 0, `destroy ended with ${again.exitCode}: ${again.stderr}`);
            const left = await leftBehind();
            report.add(where, left === '', left);
          }
          expect(acts.length).toBeGreaterThan(8);
          expect(report.lines).toEqual([]);
        },
        HOURS,
      );
    });

    afterAll(async () => {
      expect(difference(before, await snapshot())).toBe('');
    });
  });
}
