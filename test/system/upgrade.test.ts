import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { MARIADB, MARIADB_NEXT, hasImages, nodeOf, statusOf, value } from './world/cluster.js';
import { createCut, countInCut, drive, insertIntoCut, isOver } from './world/drive.js';
import { dbns, keepMachineClean, query, socketOf, uriOf } from './world/machine.js';
import { HOURS } from './world/patience.js';
import { random, sample, THOROUGH } from './world/sample.js';
import { Writer } from './world/writer.js';

keepMachineClean();

const needed = { skip: !hasImages(MARIADB, MARIADB_NEXT) };
const titleOf = async (node: string) => nodeOf(await statusOf('c'), node).server;

interface Verb {
  readonly notes: readonly string[];
  readonly nodes: readonly { readonly node: string; readonly outcome: string }[];
  readonly pending?: readonly string[];
}
const verb = async (...words: readonly string[]): Promise<Verb> =>
  ((await dbns([...words, '--json'])).json as { clusters: [Verb] }).clusters[0];
const refused = async (...words: readonly string[]) => (await dbns(words, { expectExit: 2 })).stderr;

/** A static option of both servers, and one that they take while they run; neither is anybody's default. */
const STATIC = 'innodb_ft_min_token_size';
const DYNAMIC = 'long_query_time';

/** What is kept until the servers start again shows only then. */
async function setOptions(): Promise<void> {
  const names = ['node1', 'node2'];
  const onAll = (sql: string) => Promise.all(names.map((node) => value(socketOf('c', node), sql)));
  const pids = (await statusOf('c')).nodes.map(({ pid }) => pid);
  const set = await verb('set', 'c', `${STATIC}=5`, `${DYNAMIC}=7`, 'max_connections=60');
  expect(set).toMatchObject({ pending: names });
  expect(set.notes).toEqual([expect.stringContaining(`take ${STATIC} when started again`)]);
  expect(await onAll(`SELECT CONCAT(@@${STATIC}, ' ', @@${DYNAMIC}, ' ', @@max_connections)`)).toEqual([
    '3 7.000000 60',
    '3 7.000000 60',
  ]);
  await dbns(['set', 'c', 'node2', 'max_connections=']);
  const { json } = await dbns(['options', 'c', '--json']);
  const { options } = json as { options: { name: string; values: object; isGiven: boolean; differs: boolean }[] };
  expect(options.find(({ name }) => name === 'max_connections')).toMatchObject({
    ...{ isGiven: true, differs: true },
    values: Object.fromEntries(names.map((node) => [node, node === 'node2' ? '50' : '60'])),
  });
  expect(options.find(({ name }) => name === STATIC)).toMatchObject({
    pending: Object.fromEntries(names.map((node) => [node, '5'])),
  });
  expect((await dbns(['options', 'c', 'node2'])).stdout).toMatch(/^long_query_time\* +7\.000000 +all +10\.000000$/m);
  for (const bad of ['long_query_time=often', 'no_such_option=1', 'innodb_ft_min_token_size=x', 'port=1'])
    expect(await refused('set', 'c', bad)).toMatch(/^Error: .*(long_query_time|no_such_option|token.size|port)/);
  expect(await onAll(`SELECT @@${DYNAMIC}`)).toEqual(names.map(() => 7));
  expect((await statusOf('c')).nodes.map(({ pid }) => pid)).toEqual(pids);
}

const HOWS = ['kill', 'SIGINT', 'kill late', 'fail'] as const;
type How = (typeof HOWS)[number];
/** 0: it was too late to stop. */
const CODES: Readonly<Record<How, readonly number[]>> = {
  kill: [137],
  'kill late': [137, 0],
  SIGINT: [130, 0],
  fail: [1, 0],
};
const firstHow = Math.floor(random() * HOWS.length);
const howAt = (index: number): How => HOWS[(index + firstHow) % HOWS.length] ?? 'kill';

/** So many moments an upgrade of two nodes has at the least. */
const MOMENTS = 150;

const upgrade = (name: string, how: How | 'never', moment: number) =>
  drive('life.mjs', ['upgrade', how, moment], { name, image: MARIADB_NEXT });

/** Says what was done, for whoever reads what came of it. */
async function interrupt(name: string, how: How, moment: number): Promise<string> {
  const { exitCode, stdout, stderr } = await upgrade(name, how, moment);
  const said = `${how} at moment ${moment}: ${exitCode}, ${stderr}`;
  if (CODES[how].includes(exitCode) || (exitCode === 0 && isOver(stdout, moment))) return said;
  throw new Error(`${said} ${stdout}`);
}

describe.each(
  sample(
    [
      { topology: 'replication', names: ['node1', 'node2'] },
      { topology: 'pxc', names: ['node1', 'node2', 'node3'] },
    ],
    1,
  ),
)('$topology', ({ topology, names }) => {
  test('comes from 10.11 to 11.8 under a writer, with the options that were set before', needed, async () => {
    // Versions of Galera that talk may be mixed from the beginning.
    const own = topology === 'pxc' ? ['--image', `node2=${MARIADB_NEXT}`] : [];
    await dbns([topology, 'create', 'c', '--nodes', String(names.length), '--image', MARIADB, ...own]);
    if (topology === 'pxc') {
      expect((await Promise.all(names.map(titleOf))).map((title) => title.slice(0, 13))).toEqual([
        'mariadb 10.11',
        'mariadb 11.8.',
        'mariadb 10.11',
      ]);
      expect((await dbns(['add', 'c'], { expectExit: 5 })).stderr).toContain('all must have one version first');
    }
    await query(socketOf('c', 'node1'), 'CREATE DATABASE shop');
    await query(socketOf('c', 'node1'), 'CREATE TABLE shop.t (id INT PRIMARY KEY) ENGINE = InnoDB');

    if (topology === 'replication') await setOptions();
    const writer = new Writer(await Promise.all(names.map((node) => uriOf('c', node))));
    const more = () => expect.poll(() => writer.acknowledged.length).toBeGreaterThan(writer.acknowledged.length + 20);
    await more();
    // Cut short somewhere, and ended by the same words.
    const cut = await interrupt('c', howAt(0), 1 + Math.floor(random() * MOMENTS));
    const { nodes } = await verb('upgrade', 'c', '--image', MARIADB_NEXT);
    expect(nodes, cut).toEqual(
      expect.arrayContaining(
        names.map((node) => ({ node, outcome: expect.stringMatching(/^(upgraded to|was) mariadb 11\.8\./) as string })),
      ),
    );
    // The old primary came last, after a switchover.
    if (topology === 'replication') expect(nodeOf(await statusOf('c'), 'node2').role).toBe('primary');
    await more();
    await writer.stop();
    console.log(`${topology}: the longest time without an acknowledged write was ${writer.longest} ms`);
    await dbns(['status', 'c', '--check', '--timeout', '5m']);
    for (const node of names) {
      expect(await titleOf(node)).toMatch(/^mariadb 11\.8\./);
      const said = `SELECT CONCAT(@@version, ' ', @@${STATIC}, ' ', @@${DYNAMIC}, ' ', @@ssl_cert <> '')`;
      expect(await value(socketOf('c', node), said)).toMatch(
        topology === 'replication' ? /^11\.8\..* 5 7\.000000 1$/ : /^11\.8\..* 3 10\.000000 1$/,
      );
      const noted = readFileSync(`/var/lib/dbns/clusters/c/${node}/data/mariadb_upgrade_info`, 'utf8');
      expect(noted).toMatch(/^11\.8\./);
      const missing = async () => {
        const there = new Set((await query(socketOf('c', node), 'SELECT id FROM shop.t')).map(({ id }) => id));
        return writer.acknowledged.filter((number) => !there.has(number));
      };
      await expect.poll(missing).toEqual([]);
    }
    expect(await refused('upgrade', 'c', '--image', MARIADB)).toContain('no server goes back in place');
    expect((await verb('upgrade', 'c', '--image', MARIADB_NEXT)).nodes.map(({ outcome }) => outcome)).toEqual(
      names.map(() => expect.stringMatching(/^was mariadb 11\.8\./) as string),
    );
  });
});

describe.each(['replication', 'pxc'])('an upgrade of %s, interrupted at each of its moments', (topology) => {
  let rows = 0;

  async function create(): Promise<void> {
    await dbns(['destroy', '--all', '--yes']);
    await createCut(topology, MARIADB);
    rows = 0;
    await insertIntoCut(topology, ++rows);
  }
  afterAll(async () => {
    await dbns(['destroy', '--all', '--yes']);
  });

  test('is ended by the same words, and no row is missing', { skip: !THOROUGH, timeout: HOURS }, async () => {
    await create();
    const { moments } = JSON.parse((await upgrade('cut', 'never', 0)).stdout) as { moments: readonly string[] };
    expect(moments.length).toBeGreaterThan(MOMENTS);
    const report: string[] = [];
    for (const [index, name] of moments.entries()) {
      try {
        await create();
        await interrupt('cut', howAt(index), index + 1);
        await dbns(['upgrade', 'cut', '--image', MARIADB_NEXT]);
        await insertIntoCut(topology, ++rows);
        await dbns(['status', 'cut', '--check', '--timeout', '5m']);
        for (const node of ['node1', 'node2']) {
          expect(nodeOf(await statusOf('cut'), node).server).toMatch(/^mariadb 11\.8\./);
          await expect.poll(() => countInCut(topology, node), { timeout: 60_000 }).toBe(rows);
        }
      } catch (error) {
        report.push(`${howAt(index)} at moment ${index + 1} (${name}): ${String(error)}`);
        console.error(report.at(-1));
      }
    }
    expect(report).toEqual([]);
  });
});
