import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ClusterEvent } from '../../src/cluster/event.js';
import { createPxc, value } from './world/cluster.js';
import { dbns, keepMachineClean, socketOf, startDbns } from './world/machine.js';

keepMachineClean();

const PATIENCE = { timeout: 60_000 };

/** A listener, and what it has told so far. */
function listen(...words: string[]) {
  const running = startDbns(['events', 'pxc', '--follow', ...words]);
  let told = '';
  running.child.stdout?.on('data', (text: string) => (told += text));
  const events = () =>
    told
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ClusterEvent);
  return { ...running, text: () => told, events };
}

/** `kill node2 begun`, `node2 process running → dead`. */
const inWords = (event: ClusterEvent) =>
  event.kind === 'verb'
    ? [event.verb, ...event.nodes, event.outcome].join(' ')
    : [event.node, event.what, event.before, '→', event.after].join(' ');
const has = (events: readonly ClusterEvent[], ...words: string[]) => {
  const all = events.map(inWords);
  return words.every((word) => all.includes(word));
};

test('who listens sees what is done and what comes of it; later it is all there, in its order', async () => {
  await createPxc(['--nodes', '3']);
  const [one, two] = [listen('--json'), listen()];
  const three = ['node1', 'node2', 'node3'];
  await expect.poll(() => has(one.events(), ...three.map((node) => `${node} size  → 3`)), PATIENCE).toBe(true);
  await expect.poll(() => three.every((node) => two.text().includes(`${node}   size 3`)), PATIENCE).toBe(true);

  await dbns(['kill', 'pxc', 'node2']);
  await expect.poll(() => has(one.events(), 'node1 size 3 → 2', 'node3 size 3 → 2'), PATIENCE).toBe(true);
  await dbns(['kill', 'pxc', 'node2'], { expectExit: 5 });
  await dbns(['start', 'pxc']);
  const back = ['node1 size 2 → 3', 'node3 size 2 → 3', 'node2 size  → 3', 'start node1 node2 node3 done'];
  await expect.poll(() => has(one.events(), ...back), PATIENCE).toBe(true);
  expect(
    await value(
      socketOf('pxc', 'node1'),
      "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'wsrep_cluster_size'",
    ),
  ).toBe('3');

  const death = one.events().find((event) => inWords(event) === 'node2 process running → dead');
  expect(death).toMatchObject({ from: 'server', why: 'SIGKILL' });
  // Each by its own look, and the same.
  expect(two.text()).toMatch(/\+\d+\.\d\d s {2}node2 {3}process running → dead \(SIGKILL\)\n/);
  expect(two.text()).toMatch(/\+\d+\.\d\d s {2}node1 {3}size 3 → 2\n/);
  expect(two.text()).toContain('dbns    kill node2 (SIGKILL): failed: DBNS_CONFLICT, node2 of');

  if (one.child.pid === undefined) throw new Error('it does not run');
  process.kill(-one.child.pid, 'SIGINT');
  expect((await one.result).exitCode).toBe(0);

  await killInTheMiddle();
  const { json } = await dbns(['events', 'pxc', '--since', '30m', '--json']);
  const past = json as readonly ClusterEvent[];
  const done = past.filter((event) => event.kind === 'verb').map(inWords);
  expect(done).toEqual([
    ...['create node1 node2 node3 begun', 'create node1 node2 node3 done'],
    ...['kill node2 begun', 'kill node2 done', 'kill node2 begun', 'kill node2 failed'],
    ...['start begun', 'start node1 node2 node3 done', 'stop node3 begun'],
  ]);
  // What the log tells of the kill stands between it and the start's end.
  const logged = past.findIndex((event) => event.kind === 'transition' && inWords(event) === 'node1 size 3 → 2');
  expect(past[logged]).toMatchObject({ from: 'log', bootId: null, uptime: null });
  expect(past.slice(0, logged).map(inWords)).toContain('kill node2 begun');
  expect(past.slice(logged).map(inWords)).toContain('start node1 node2 node3 done');
  expect((await dbns(['events', 'pxc', '--since', '1ms', '--json'])).json).toEqual([]);

  await dbns(['destroy', 'pxc', '--yes']);
  expect(await two.result).toMatchObject({ exitCode: 0, stderr: 'The cluster is gone.\n' });
  expect(two.text()).toContain('dbns    destroy: begun');
  await dbns(['events', 'pxc'], { expectExit: 4 });
});

/** A command that is killed leaves a beginning without an end. */
async function killInTheMiddle(): Promise<void> {
  const stop = startDbns(['stop', 'pxc', 'node3'], { expectExit: 137 });
  const record = () => readFileSync('/var/lib/dbns/clusters/pxc/events-1.jsonl', 'utf8');
  await expect.poll(record, { ...PATIENCE, interval: 5 }).toContain('"verb":"stop"');
  stop.child.kill('SIGKILL');
  await stop.result;
}
