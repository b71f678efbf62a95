import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MARIADB, MYSQL, statusOf } from './world/cluster.js';
import { run } from './world/command.js';
import { difference } from './world/difference.js';
import { countInCut, createCut, drive, insertIntoCut } from './world/drive.js';
import { dbns, snapshot } from './world/machine.js';
import { MONGOD } from './world/mongo.js';
import { HOURS } from './world/patience.js';
import { random, sample, THOROUGH } from './world/sample.js';

// add, remove and rebuild, interrupted. What fails or gets a signal takes back what it had added; what a kill leaves is taken away
// by the next `add` or `remove`, and by `destroy`. Those that were there have every row, and go on.

const HOWS = ['kill', 'SIGINT', 'kill late', 'fail'] as const;
type How = (typeof HOWS)[number];
/** 0: it was too late to stop, or what failed was a hint that is made again. 8: what could not be removed is told. */
const CODES: Readonly<Record<How, readonly number[]>> = {
  kill: [137],
  'kill late': [137, 0],
  SIGINT: [130, 0],
  fail: [1, 0, 8],
};
const isKill = (how: How) => how === 'kill' || how === 'kill late';

const VERBS = [
  { verb: 'add', tries: 3 },
  { verb: 'remove', tries: 2 },
  { verb: 'rebuild', tries: 1 },
] as const;
type Verb = (typeof VERBS)[number]['verb'];

/** What the machine has of nodes, by their names. */
async function nodesOnMachine(): Promise<string> {
  const { stdout: namespaces } = await run(['ip', 'netns', 'list']);
  const { stdout: links } = await run(['ip', '-brief', 'link', 'show', 'type', 'veth']);
  const { stdout: files } = await run(['ls', '/var/lib/dbns/clusters/cut', '/run/dbns/cut', '/etc/netns']);
  const own = /\bdbns-cut-node\d+\b|\bdbns[0-9a-f]{5}n\d+\b|^node\d+$/gm;
  return [namespaces, links, files].map((text) => [...text.matchAll(own)].sort().join(' ')).join('; ');
}

interface Case {
  readonly topology: string;
  readonly image: string;
  readonly shape: readonly string[];
  readonly verbs: readonly (typeof VERBS)[number][];
  readonly often: boolean;
}
const often = { shape: [], verbs: VERBS, often: true };
const seldom = { verbs: VERBS, often: false };
const CASES: readonly Case[] = [
  { topology: 'replication', image: MARIADB, ...often },
  { topology: 'pxc', image: MARIADB, ...often },
  { topology: 'mongo', image: MONGOD, ...often },
  { topology: 'replication', image: MARIADB, ...seldom, shape: ['--zones', '2'] },
  { topology: 'pxc', image: MARIADB, ...seldom, shape: ['--layout', 'routed'] },
  // How members come and go is add-group.test's.
  { topology: 'group', image: MYSQL, shape: [], verbs: VERBS.slice(2), often: false },
];

for (const { topology, image, shape, verbs, often: isOften } of CASES)
  describe.skipIf(image === '' || (!isOften && !THOROUGH))([topology, ...shape].join(' '), () => {
    let before = '';
    let rows = 0;

    async function create(): Promise<void> {
      await createCut(topology, image, shape);
      rows = 0;
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

    const namesNow = async () => (await statusOf('cut')).nodes.map(({ name }) => name);

    /** A cluster of so many nodes, with a row more than the last had. */
    async function prepare(count: number): Promise<string> {
      const names = await namesNow();
      for (const name of names.slice(count)) await dbns(['remove', 'cut', name]);
      if (names.length < count) await dbns(['add', 'cut', '--nodes', String(count - names.length)]);
      await insertIntoCut(topology, ++rows);
      return (await namesNow()).at(-1) ?? '';
    }

    async function interrupt(verb: Verb, how: How | 'never', moment: number) {
      const last = await prepare(verb === 'remove' ? 3 : 2);
      return { leaving: last, ...(await drive('life.mjs', [verb, how, moment], { name: 'cut', leaving: last })) };
    }

    /** All are well, have every row, and nobody else is there. */
    async function assertWhole(count: number): Promise<void> {
      await dbns(['status', 'cut', '--check', '--timeout', '5m']);
      const { nodes } = await statusOf('cut');
      expect(nodes.map(({ phase }) => phase)).toEqual(Array.from({ length: count }, () => 'added'));
      for (const { name } of nodes) {
        await expect.poll(() => countInCut(topology, name), { timeout: 60_000 }).toBe(rows);
      }
      const numbers = nodes.map(({ name }) => name);
      for (const part of (await nodesOnMachine()).split('; ')) {
        const found = new Set(part.match(/node\d+|n\d+(?= |$)/g)?.map((name) => name.replace(/^n(?=\d)/, 'node')));
        expect([...found].sort()).toEqual([...numbers].sort());
      }
    }

    /** After a kill: the same verb again, the other one, or the end of the cluster. */
    async function takeUp(verb: Verb, leaving: string, index: number): Promise<number> {
      const moving = (await statusOf('cut')).nodes.filter(({ phase }) => phase !== 'added');
      if (verb === 'rebuild') {
        const [half] = moving;
        if (half !== undefined) await dbns([index % 5 === 4 ? 'remove' : 'rebuild', 'cut', half.name]);
        await dbns(['start', 'cut']);
        return (await namesNow()).length;
      }
      if (verb === 'remove') {
        if (moving.length > 0) await dbns(['remove', 'cut', leaving]);
        return (await namesNow()).length;
      }
      const [half] = moving;
      if (half !== undefined && index % 2 === 0) await dbns(['remove', 'cut', half.name]);
      else if (half !== undefined) await dbns(['add', 'cut']);
      return (await namesNow()).length;
    }

    test.each(verbs)(
      '$verb, interrupted: taken back or taken up, nothing is left, no row is missing',
      async ({ verb, tries }) => {
        const { stdout } = await interrupt(verb, 'never', 0);
        const { moments } = JSON.parse(stdout) as { moments: readonly string[] };
        expect(moments.length).toBeGreaterThan(20);
        const first = Math.floor(random() * HOWS.length);
        const chosen = sample(
          moments.map((name, index) => ({
            name,
            moment: index + 1,
            how: HOWS[(index + first) % HOWS.length] ?? 'kill',
          })),
          tries,
        );
        const report: string[] = [];
        for (const [index, { name, moment, how }] of chosen.entries()) {
          try {
            const { leaving, exitCode, stderr, stdout: said } = await interrupt(verb, how, moment);
            if (!CODES[how].includes(exitCode)) throw new Error(`ended with ${exitCode}: ${said} ${stderr}`);
            if (isKill(how) && index % 3 === 2) {
              await destroy();
              await create();
              continue;
            }
            // A removal and a rebuild are never taken back: what began it ends it.
            const count = verb !== 'add' || isKill(how) ? await takeUp(verb, leaving, index) : exitCode === 0 ? 3 : 2;
            await assertWhole(count);
          } catch (error) {
            report.push(`${how} at moment ${moment} (${name}): ${String(error)}`);
            await destroy();
            await create();
          }
        }
        expect(report).toEqual([]);
      },
      HOURS,
    );
  });
