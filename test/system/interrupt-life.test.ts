import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MARIADB, MYSQL, providerOptions, statusOf } from './world/cluster.js';
import { difference } from './world/difference.js';
import { countInCut, createCut, drive, insertIntoCut, isOver } from './world/drive.js';
import { dbns, snapshot, socketOf } from './world/machine.js';
import { MONGOD } from './world/mongo.js';
import { HOURS } from './world/patience.js';
import { random, sample, THOROUGH } from './world/sample.js';

// stop, start and restart of a cluster, interrupted: the same verb goes on from there, `start` brings all back, and nothing
// is lost; `destroy` leaves nothing. As interrupt.test.ts has it of create and destroy.

/** They take turns, and which is first is drawn. */
const HOWS = ['kill', 'SIGINT', 'kill', 'fail'] as const;
type How = (typeof HOWS)[number];
/** 0: it was too late to stop. */
/** 0: it was too late to stop, or what failed was a hint that is made again. */
const CODES = { kill: [137], SIGINT: [130, 0], fail: [1, 0] } as const;

/** What is interrupted, and how the cluster stood before: its servers run, were stopped, or were killed. */
interface Case {
  readonly verb: 'stop' | 'start' | 'restart' | 'restart --rolling';
  readonly from: 'running' | 'stopped' | 'killed';
  /** How many interruptions a test tries that is not thorough. */
  readonly tries: number;
}
const CASES: readonly Case[] = [
  { verb: 'stop', from: 'running', tries: 2 },
  { verb: 'start', from: 'stopped', tries: 2 },
  { verb: 'start', from: 'killed', tries: 1 },
  { verb: 'restart', from: 'running', tries: 1 },
];
const NODES = ['node1', 'node2'];

/** Galera's timeouts on each node; nothing without Galera. */
const periodsIn = (topology: string) =>
  Promise.all(
    (topology === 'pxc' ? NODES : []).map(async (node) => {
      const options = Object.entries(await providerOptions(socketOf('cut', node)));
      return Object.fromEntries(options.filter(([name]) => name.startsWith('evs.')));
    }),
  );

/** How many of the cases are interrupted, and then destroyed as they lie. */
const DESTROYED = 1;

/** It has a switchover in it. */
const ROLLING: Case = { verb: 'restart --rolling', from: 'running', tries: 1 };

const TOPOLOGIES = [
  { topology: 'replication', image: MARIADB, shape: 'star', cases: [...CASES, ROLLING] },
  { topology: 'pxc', image: MARIADB, shape: null, cases: CASES },
  { topology: 'mongo', image: MONGOD, shape: null, cases: [...CASES, ROLLING] },
];
/** Its servers are told to let nobody in before they end. */
const MYSQL_RING = { topology: 'replication', image: MYSQL, shape: 'ring', cases: CASES.slice(0, 1) };

for (const { topology, image, shape, cases } of THOROUGH ? [...TOPOLOGIES, MYSQL_RING] : TOPOLOGIES)
  describe.skipIf(image === '')(`${topology} of ${image}`, () => {
    let before = '';
    let rows = 0;
    /** How long Galera waits for what, where there is a Galera. */
    let periods: readonly object[] = [];

    async function create(): Promise<void> {
      await createCut(topology, image, shape === null ? [] : ['--shape', shape]);
      rows = 0;
      periods = await periodsIn(topology);
    }

    async function destroy(): Promise<void> {
      await dbns(['destroy', '--all', '--yes']);
      expect(difference(before, await snapshot())).toBe('');
    }

    beforeAll(async () => {
      before = await snapshot();
      await create();
    });
    afterAll(destroy);

    const driveLife = (verb: string, how: How | 'never', moment: number) =>
      drive('life.mjs', [verb, how, moment], { name: 'cut' });

    /** A row more on a node that takes writes, then the cluster as it is to be found. */
    async function prepare(from: Case['from']): Promise<void> {
      await insertIntoCut(topology, ++rows);
      if (from !== 'running') await dbns([from === 'stopped' ? 'stop' : 'kill', 'cut', '--all']);
    }

    async function interrupt({ verb, from }: Case, { how, moment }: Moment): Promise<void> {
      await prepare(from);
      const { exitCode, stdout, stderr } = await driveLife(verb, how, moment);
      const codes: readonly number[] = CODES[how];
      if (!codes.includes(exitCode) && !(exitCode === 0 && isOver(stdout, moment)))
        throw new Error(`ended with ${exitCode}: ${stdout} ${stderr}`);
    }

    /** The cluster is whole, after the same verb again or at once by `start`, and every node has every row. */
    async function finish(verb: Case['verb'], again: boolean): Promise<void> {
      if (again) await dbns([...verb.split(' '), 'cut']);
      if (again && verb === 'stop') expect((await statusOf('cut')).state).toBe('stopped');
      if (!again || verb === 'stop') await dbns(['start', 'cut']);
      await dbns(['status', 'cut', '--check', '--timeout', '5m']);
      for (const node of NODES) {
        await expect.poll(() => countInCut(topology, node), { timeout: 60_000 }).toBe(rows);
        const forming = `/var/lib/dbns/clusters/cut/${node}/forming.cnf`;
        if (existsSync(forming)) expect(readFileSync(forming, 'utf8')).toBe('');
      }
      expect(await periodsIn(topology)).toEqual(periods);
    }

    interface Moment {
      readonly how: How;
      readonly moment: number;
      readonly name: string;
    }

    async function momentsOf({ verb, from }: Case): Promise<readonly Moment[]> {
      await prepare(from);
      const { moments } = JSON.parse((await driveLife(verb, 'never', 0)).stdout) as { moments: readonly string[] };
      if (verb === 'stop') await dbns(['start', 'cut']);
      expect(moments.length).toBeGreaterThan(verb === 'stop' ? 3 : 30);
      const first = Math.floor(random() * HOWS.length);
      return moments.map((name, index) => ({
        how: HOWS[(index + first) % HOWS.length] ?? 'kill',
        moment: index + 1,
        name,
      }));
    }

    const destroyed = sample(cases, DESTROYED);

    test.each(cases)(
      '$verb of what is $from, interrupted: taken up again, no row is missing, and destroy leaves nothing',
      async (given) => {
        const report: string[] = [];
        for (const [index, moment] of sample(await momentsOf(given), given.tries).entries()) {
          try {
            await interrupt(given, moment);
            await finish(given.verb, index % 2 === 0);
            if (!destroyed.includes(given)) continue;
            await interrupt(given, moment);
            await destroy();
            await create();
          } catch (error) {
            report.push(`${moment.how} at moment ${moment.moment} (${moment.name}): ${String(error)}`);
            // An exhaustive run takes an hour, and may be cut short.
            console.error(report.at(-1));
            await destroy();
            await create();
          }
        }
        expect(report).toEqual([]);
      },
      HOURS,
    );
  });
