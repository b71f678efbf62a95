import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { commandLines } from './world/cluster.js';
import { dbns, keepMachineClean, query, snapshot, socketOf, startDbns } from './world/machine.js';
import { difference } from './world/difference.js';

keepMachineClean();

interface Cluster {
  readonly name: string;
  readonly state: string;
  readonly networks: readonly { readonly subnet: string }[];
  readonly nodes: readonly { readonly pid: number; readonly healthy: boolean }[];
}

const asCluster = ({ json }: { readonly json?: unknown }) => json as Cluster;

async function clusters(): Promise<readonly Cluster[]> {
  const { json } = await dbns(['status', '--json']);
  return (json as { clusters: readonly Cluster[] }).clusters;
}

const create = (words: readonly string[] = [], expectExit: number | 'any' = 0) =>
  dbns(['pxc', 'create', ...words, '--nodes', '2', '--json'], { expectExit });

/** Whether somebody holds the lock of a directory, as the kernel knows it. */
function isLocked(place: string): boolean {
  const directory = statSync(place, { throwIfNoEntry: false });
  return directory !== undefined && new RegExp(`FLOCK .*:${directory.ino} `).test(readFileSync('/proc/locks', 'utf8'));
}

/** Whether somebody has the machine's lock, or waits for it. */
const wantsMachine = () => commandLines().some((line) => line.endsWith('flock /var/lib/dbns/. cat'));

/** A `create` that stands still, with its cluster's lock, until it is told to go on. */
async function standingCreate(name: string) {
  const running = startDbns(['pxc', 'create', name, '--nodes', '2', '--json'], { expectExit: 'any' });
  const stands = () => {
    if (!isLocked(`/var/lib/dbns/clusters/${name}`)) return false;
    running.child.kill('SIGSTOP');
    // With the machine's lock it would hold up everybody.
    if (!wantsMachine()) return true;
    running.child.kill('SIGCONT');
    return false;
  };
  await expect.poll(stands, { interval: 5 }).toBe(true);
  return {
    ...running,
    goOn: () => {
      running.child.kill('SIGCONT');
      return running.result;
    },
  };
}

describe('creates at the same time', () => {
  test('eight without a name: all succeed, with names and subnets of their own', async () => {
    const made = (await Promise.all(Array.from({ length: 8 }, () => create()))).map(asCluster);
    expect(made.map(({ state }) => state)).toEqual(Array(8).fill('running'));
    expect(new Set(made.map(({ name }) => name)).size).toBe(8);
    expect(made.map(({ name }) => name).sort()).toEqual([
      'pxc',
      'pxc2',
      'pxc3',
      'pxc4',
      'pxc5',
      'pxc6',
      'pxc7',
      'pxc8',
    ]);
    expect(new Set(made.map(({ networks }) => networks[0]?.subnet)).size).toBe(8);
    expect((await clusters()).map(({ state }) => state)).toEqual(Array(8).fill('running'));
    const sizes = await Promise.all(
      made.map(({ name }) => query(socketOf(name, 'node2'), "SHOW STATUS LIKE 'wsrep_cluster_size'")),
    );
    expect(sizes.map(([row]) => row?.Value)).toEqual(Array(8).fill('2'));
  });

  test('two of the same name: one succeeds, the other ends with 5 and touches nothing', async () => {
    const results = await Promise.all([create(['twin'], 'any'), create(['twin'], 'any')]);
    expect(results.map(({ exitCode }) => exitCode).sort()).toEqual([0, 5]);
    const lost = results.find(({ exitCode }) => exitCode === 5);
    expect(lost?.json).toMatchObject({
      error: { code: 'DBNS_CONFLICT', message: expect.stringContaining("'twin'") as string },
    });
    const [twin] = await clusters();
    expect(twin).toMatchObject({ name: 'twin', state: 'running', nodes: [{ healthy: true }, { healthy: true }] });
  });

  test('two of the same subnet: one succeeds, the other ends with 5', async () => {
    const wish = ['--subnet', '10.77.0.0/24'];
    const results = await Promise.all([create(['east', ...wish], 'any'), create(['west', ...wish], 'any')]);
    expect(results.map(({ exitCode }) => exitCode).sort()).toEqual([0, 5]);
    expect(await clusters()).toMatchObject([{ state: 'running' }]);
  });

  test('two that find no pristine directory make one', async () => {
    rmSync('/var/lib/dbns/pristine', { recursive: true, force: true });
    await Promise.all([create(), create()]);
    expect(readdirSync('/var/lib/dbns/pristine')).toEqual([expect.stringMatching(/^[0-9a-f]{16}$/)]);
    expect((await clusters()).map(({ state }) => state)).toEqual(['running', 'running']);
  });
});

describe('destroy while something else goes on', () => {
  test('a cluster in the making is busy: exit 5, and its create goes on', async () => {
    const began = Date.now();
    const making = await standingCreate('busy');
    const destroyed = await dbns(['destroy', 'busy', '--json'], { expectExit: 5 });
    const { error } = destroyed.json as { error: { code: string; message: string } };
    expect(error.code).toBe('DBNS_CONFLICT');
    const who = /'busy' right now: 'dbns pxc create busy --nodes 2 --json' \(pid (\d+)\), for (\d+) s\.$/;
    const [, pid, age] = who.exec(error.message) ?? [error.message];
    expect(Number(pid)).toBe(making.child.pid);
    expect(Number(age)).toBeLessThanOrEqual(Math.ceil((Date.now() - began) / 1000));
    expect((await making.goOn()).exitCode).toBe(0);
    expect(await clusters()).toMatchObject([{ name: 'busy', state: 'running' }]);
  });

  test('--all leaves the one in the making, removes the others, and says so', async () => {
    await create(['done']);
    const making = await standingCreate('busy');
    await dbns(['destroy', '--all', '--yes'], { expectExit: 5 });
    expect((await making.goOn()).exitCode).toBe(0);
    expect((await clusters()).map(({ name }) => name)).toEqual(['busy']);
  });

  test('other clusters come and go', async () => {
    await create(['first']);
    const before = await snapshot();
    for (let round = 0; round < 5; round++) {
      await create([`old${round}`]);
      await Promise.all([create([`new${round}`]), dbns(['destroy', `old${round}`])]);
      await dbns(['destroy', `new${round}`]);
    }
    const logs = /^[+-] \S+\/server\.log .*\n?/gm; // of the servers that run
    expect(difference(before, await snapshot()).replace(logs, '')).toMatch(/^(# files\n?)?$/);
    expect(await clusters()).toMatchObject([{ name: 'first', state: 'running' }]);
  });

  test('two destroys of one cluster: both end, and one of them did it', async () => {
    await create(['gone']);
    const results = await Promise.all([
      dbns(['destroy', 'gone'], { expectExit: 'any' }),
      dbns(['destroy', 'gone'], { expectExit: 'any' }),
    ]);
    const codes = results.map(({ exitCode }) => exitCode).sort();
    expect(codes[0]).toBe(0);
    expect([4, 5]).toContain(codes[1]);
  });

  test('who looks on disturbs neither a create nor a destroy', async () => {
    const onlookers = Array.from({ length: 3 }, () =>
      startDbns(['status', '--watch', '--json'], { expectExit: 'any' }),
    );
    for (let round = 0; round < 3; round++) {
      await create([`seen${round}`]);
      const { child, result } = await standingCreate('dead');
      child.kill('SIGKILL');
      await result;
      await Promise.all(['dead', `seen${round}`].map((name) => dbns(['destroy', name])));
    }
    for (const { child } of onlookers) child.kill('SIGKILL');
    await Promise.all(onlookers.map(({ result }) => result));
  });

  test('destroys of all clusters at once', async () => {
    const names = ['a', 'b', 'c', 'd'];
    await Promise.all(names.map((name) => create([name])));
    await Promise.all(names.map((name) => dbns(['destroy', name])));
    expect(await clusters()).toEqual([]);
  });
});
