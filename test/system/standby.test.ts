import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ClusterView } from '../../src/lifecycle/view.js';
import type { StandbyView } from '../../src/lifecycle/standbys.js';
import { MARIADB, kill, statusOf, value } from './world/cluster.js';
import { run } from './world/command.js';
import { dbns, keepMachineClean, socketOf, startDbns, uriOf } from './world/machine.js';
import { random, THOROUGH } from './world/sample.js';

keepMachineClean();

/** Room for a machine that has much to do. */
const SOON = { timeout: 60_000, interval: 100 };
/** Of one node where nothing is said. */
const wordsWith = (more: readonly string[]) => [
  ...['replication', '--image', MARIADB],
  ...(more.includes('--nodes') ? [] : ['--nodes', '1']),
  ...more,
];
const createWords = (...more: string[]) => {
  const [topology = '', ...words] = wordsWith(more);
  return [topology, 'create', ...words];
};
const TWO = ['--nodes', '2'];

const standbys = async () => ((await dbns(['standby', 'list', '--json'])).json as { standbys: StandbyView[] }).standbys;
const stand = (...more: string[]) => dbns(['standby', 'start', ...wordsWith(more)]);
const create = async (...more: string[]) => {
  const { json, stderr } = await dbns([...createWords(...more), '--json']);
  return { ...(json as ClusterView), stderr };
};
const clusters = async () =>
  ((await dbns(['list', '--json'])).json as { clusters: ClusterView[] }).clusters.map(({ name }) => name);
const pidsIn = async (cluster: string) => (await run(['ip', 'netns', 'pids', `dbns-${cluster}-node1`])).stdout.trim();
const untilReady = (...names: string[]) =>
  expect
    .poll(
      async () => (await standbys()).map(({ state, clusters: own }) => [state, ...own.map(({ name }) => name)]),
      SOON,
    )
    .toEqual([['ready', ...names]]);
const marked = (name: string) => `/var/lib/dbns/clusters/${name}/standby.json`;

test('a create of the same words takes it: the same servers, from then on', async () => {
  await stand(...TWO);
  const [{ id, memoryBytes } = { id: '', memoryBytes: null }] = await standbys();
  expect(memoryBytes).toBeGreaterThan(50_000_000);
  expect(await clusters()).toEqual([]);
  expect((await dbns(['status', 'replication'], { expectExit: 4 })).stderr).toContain('is a standby');
  expect((await dbns(['destroy', 'replication'], { expectExit: 4 })).stderr).toContain('dbns standby list');
  await dbns(['destroy'], { expectExit: 4 });
  expect((await dbns(['doctor'], { expectExit: 'any' })).stdout).toMatch(/standbys.*s1: 1 of 1 ready \(replication\)/);
  expect((await dbns(createWords(...TWO, '--dry-run'))).stdout).toContain("The standby 'replication'");
  const [before, now] = [await pidsIn('replication'), Date.now()];
  expect(before).not.toBe('');
  const taken = await create(...TWO, '--lease', '1h');
  expect(taken.name).toBe('replication');
  expect(await pidsIn('replication')).toBe(before);
  expect(Date.parse(taken.createdAt)).toBeGreaterThanOrEqual(now);
  expect(Date.parse(taken.lease?.until ?? '') - Date.parse(taken.createdAt)).toBeLessThan(3_700_000);
  expect(Date.parse(taken.lease?.until ?? '')).toBeGreaterThanOrEqual(now + 3_500_000);
  expect(taken.keeper?.pid).toBeGreaterThan(1);
  expect(await value(socketOf('replication', 'node2'), 'SELECT @@server_id')).toBe(2);
  expect(await value(await uriOf('replication'), 'SELECT 1')).toBe(1);
  expect((await statusOf('replication')).state).toBe('running');
  const events = (await dbns(['events', 'replication'])).stdout;
  expect(events.match(/ create /g)).toHaveLength(2);
  expect(events).toContain(`from the standby ${id}`);
  // The next one has the next name, and servers with the priority that all have.
  await untilReady('replication2');
  for (const pid of (await pidsIn('replication2')).split('\n')) {
    expect(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[16],
    ).toBe('0');
  }
  await dbns(['standby', 'stop']);
  expect(await standbys()).toEqual([]);
  expect(await clusters()).toEqual(['replication']);
  expect(existsSync('/run/netns/dbns-replication2-node1')).toBe(false);
});

test('other words take none; a name or network that is asked for is given away', async () => {
  await stand('--ready', '2');
  expect((await stand()).stdout).toContain('1 of 1');
  const other = await create('-c', 'max_connections=77');
  expect([other.name, other.nodes[0]?.address]).toEqual(['replication2', '10.200.1.2']);
  const named = await create('replication', '--durable');
  expect(named.stderr).toContain("'replication' was a standby of s1, and gave way");
  await untilReady('replication3');
  const { subnet = '' } = (await standbys())[0]?.clusters[0] ?? {};
  expect((await create('own', '--subnet', subnet ?? '')).networks[0]?.subnet).toBe(subnet);
  await untilReady('replication3');
  expect((await standbys())[0]?.clusters[0]?.subnet).not.toBe(subnet);
  // The name that it has may be asked for.
  const pids = await pidsIn('replication3');
  await create('replication3');
  expect(await pidsIn('replication3')).toBe(pids);
});

test('two at once: one takes it, the other makes its own', async () => {
  await stand();
  const pids = await pidsIn('replication');
  const made = await Promise.all([create(), create()]);
  expect(made.map(({ name }) => name).sort()).toEqual(['replication', 'replication2']);
  expect(await pidsIn('replication')).toBe(pids);
  expect(made.map(({ state }) => state)).toEqual(['running', 'running']);
});

test('one that is not well, or of another dbns, is destroyed, told, and made anew', async () => {
  await stand();
  const pid = (await pidsIn('replication')).split('\n').at(-1);
  kill({ pid: Number(pid) } as ClusterView['nodes'][number]);
  const anew = await create();
  expect(anew.stderr).toMatch(/The standby 'replication' is destroyed, and a cluster made anew: node1 is/);
  expect([anew.name, anew.state]).toEqual(['replication', 'running']);
  await untilReady('replication2');
  writeFileSync(
    marked('replication2'),
    readFileSync(marked('replication2'), 'utf8').replace(/"build": "./, '"build": "x'),
  );
  const { stderr, state } = await create();
  expect(stderr).toContain('its image, or dbns, was another when it was formed');
  expect(state).toBe('running');
});

test('killed while it takes or refills: a standby or a cluster, and nothing that stays', async () => {
  await stand();
  for (let turn = 0; turn < (THOROUGH ? 30 : 3); turn++) {
    await expect.poll(async () => (await standbys())[0]?.state, SOON).not.toBe('forming');
    const { child, result } = startDbns(createWords(), { expectExit: 'any' });
    await sleep(150 + random() * 500);
    child.kill('SIGKILL');
    await result;
    for (const name of await clusters()) {
      const { state } = await statusOf(name);
      if (state === 'running') expect(await value(socketOf(name, 'node1'), 'SELECT 1')).toBe(1);
      else expect(state).toBe('failed'); // none was ready: it was on the ordinary way
      await dbns(['destroy', name]);
    }
  }
  await stand();
  await create();
  await sleep(random() * 1500);
  const maker = '/var/lib/dbns/standby/s1/maker.json';
  const { process: refiller } = JSON.parse(readFileSync(maker, 'utf8')) as { process: { pid: number } };
  await run(['kill', '-9', String(refiller.pid)], { expectExit: 'any' });
  expect((await standbys())[0]?.state).toMatch(/missing|ready/);
  // keepMachineClean destroys all.
});

test('one whose servers do not start is told, and nothing stands by', async () => {
  const { stderr } = await dbns(['standby', 'start', ...wordsWith(['-c', 'no_such_option=1'])], { expectExit: 2 });
  expect(stderr).toContain("does not know the option 'no_such_option'");
  expect(await standbys()).toEqual([]);
  expect((await dbns(['standby', 'stop', 's1'], { expectExit: 4 })).stderr).toContain("There is no standby 's1'");
});
