import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import mysql from 'mysql2/promise';
import { expect, test } from 'vitest';
import type { ClusterView, NodeView } from '../../src/lifecycle/view.js';
import { createPxc, providerOptions, statusOf, value, wsrep } from './world/cluster.js';
import { run, start, type RunningCommand } from './world/command.js';
import { keepMachineClean, query, uriOf } from './world/machine.js';
import { HOURS } from './world/patience.js';
import { THOROUGH } from './world/sample.js';

const WRITES = 1000;

keepMachineClean();

/** How a node's server was started: the argv of its bubblewrap, as the kernel has it. */
function argvOf({ pid, namespace }: NodeView): readonly string[] {
  const status = (of: number) => readFileSync(`/proc/${of}/status`, 'utf8');
  const parentOf = (of: number) => Number(/^PPid:\s+(\d+)/m.exec(status(of))?.[1]);
  const outer = parentOf(parentOf(pid ?? 0)); // server ← bubblewrap's init ← bubblewrap
  const words = readFileSync(`/proc/${outer}/cmdline`, 'utf8').split('\0').slice(0, -1);
  return ['ip', 'netns', 'exec', namespace, ...words];
}

/** The words of a start by hand: without those that formed the cluster. */
const lasting = (argv: readonly string[]) => argv.filter((word) => !word.startsWith('--wsrep-provider-options='));

/** Writes one row after another and counts what was acknowledged, until the server is gone. */
async function writeUntilTheEnd(uri: string, first: number, acknowledged: number[]): Promise<void> {
  const connection = await mysql.createConnection({ uri, database: 'd' });
  connection.on('error', () => undefined);
  try {
    for (let id = first; ; id++) {
      await connection.query('INSERT INTO t (id) VALUES (?)', [id]);
      acknowledged.push(id);
    }
  } catch (error) {
    const gone = ['ECONNRESET', 'PROTOCOL_CONNECTION_LOST', 'EPIPE', 'ER_SERVER_SHUTDOWN', 'ER_UNKNOWN_COM_ERROR'];
    const { code = '' } = error as { code?: string };
    if (!gone.includes(code)) throw error;
  } finally {
    connection.destroy();
  }
}

/** Kills all servers in one go while two nodes take writes, once enough of them were acknowledged. */
async function writeAndKill({ nodes }: ClusterView): Promise<number[]> {
  const [first = '', second = ''] = await Promise.all(nodes.slice(0, 2).map(({ name }) => uriOf('pxc', name)));
  await query(first, 'CREATE DATABASE d');
  await query(first, 'CREATE TABLE d.t (id INT PRIMARY KEY) ENGINE = InnoDB');
  await expect.poll(() => query(second, 'SHOW TABLES FROM d')).toHaveLength(1);
  const acknowledged: number[] = [];
  const writing = Promise.all([
    writeUntilTheEnd(first, 0, acknowledged),
    writeUntilTheEnd(second, 1_000_000, acknowledged),
  ]);
  await expect.poll(() => acknowledged.length, { interval: 1 }).toBeGreaterThanOrEqual(WRITES);
  for (const { pid } of nodes) process.kill(pid ?? 0, 'SIGKILL');
  await writing;
  await expect
    .poll(async () => (await statusOf('pxc')).nodes.map(({ process }) => process))
    .toEqual(Array(nodes.length).fill('dead'));
  return acknowledged;
}

/** What must be the same everywhere: Galera's position, and the rows, those included that nobody was told of. */
async function stateOf(socket: string) {
  const { last_committed: position, local_state_uuid: uuid } = await wsrep(socket);
  return { position, uuid, rows: await value(socket, "SELECT CONCAT(COUNT(*), ' ', SUM(CRC32(id))) FROM d.t") };
}

async function expectAllRows({ nodes }: ClusterView, acknowledged: readonly number[]): Promise<void> {
  for (const { socket } of nodes) {
    await expect.poll(async () => (await wsrep(socket)).local_state_comment).toBe('Synced');
    const rows = new Set((await query(socket, 'SELECT id FROM d.t')).map(({ id }) => id));
    expect(acknowledged.filter((id) => !rows.has(id))).toEqual([]);
    expect(await query(socket, 'CHECK TABLE d.t')).toMatchObject([{ Msg_text: 'OK' }]);
  }
  const [one, ...others] = await Promise.all(nodes.map(({ socket }) => stateOf(socket)));
  expect(one?.uuid).toMatch(/^[0-9a-f]{8}-/);
  for (const other of others) expect(other).toEqual(one);
  const [first, last] = await Promise.all(['node1', 'node4'].map((name) => uriOf('pxc', name)));
  await query(first ?? '', 'INSERT INTO d.t (id) VALUES (-1)');
  await expect.poll(() => query(last ?? '', 'SELECT id FROM d.t WHERE id = -1')).toHaveLength(1);
}

/** They go on until destroy, or the end of the world. */
function startByHand(argvs: readonly (readonly string[])[]): RunningCommand[] {
  return argvs.map((argv) => {
    const running = start(argv, { expectExit: 'any', timeout: HOURS });
    running.result.catch(() => undefined);
    return running;
  });
}

/**
 * By hand, 1: ask every directory for its position, with the words that its server was created with, less
 * `--wsrep-provider-options=…`, plus `--wsrep-recover`. The server writes `Recovered position: UUID:SEQNO` and ends.
 * After kill -9 grastate.dat knows no position: a server that is started without it forms a cluster all the same, and
 * what the last moment brought to some nodes only stays on those.
 */
function recoverPositions(argvs: readonly (readonly string[])[]): Promise<string[]> {
  return Promise.all(
    argvs.map(async (argv) => {
      const { stdout, stderr } = await run([...argv, '--wsrep-recover']);
      const position = /Recovered position: ([0-9a-f-]+:\d+)/.exec(stdout + stderr)?.[1];
      if (position === undefined) throw new Error(`no position: ${stdout}${stderr}`);
      return position;
    }),
  );
}

const seqnoOf = (position: string) => Number(position.split(':')[1]);

/**
 * By hand, 2, the short way: start all servers, in any order, each with `--wsrep-start-position=UUID:SEQNO`. Each has
 * the last view in its gvwstate.dat, so the primary component forms by itself as soon as all members are back (Galera's
 * pc.recovery), and whoever is behind fetches what it lacks.
 */
test('after kill -9 of all servers, starting them at their positions by the recorded view brings every row back', async () => {
  const cluster = await createPxc(['--nodes', '4']);
  const options = await providerOptions(cluster.nodes[0]?.socket ?? '');
  const argvs = cluster.nodes.map(argvOf).map(lasting);
  const acknowledged = await writeAndKill(cluster);
  for (const { name } of cluster.nodes)
    expect(statSync(`/var/lib/dbns/clusters/pxc/${name}/data/gvwstate.dat`).size).toBeGreaterThan(0);
  const positions = await recoverPositions(argvs);
  startByHand(argvs.map((argv, index) => [...argv, `--wsrep-start-position=${positions[index] ?? ''}`]));
  await expect.poll(async () => (await statusOf('pxc')).state).toBe('running');
  await expectAllRows(cluster, acknowledged);
  // A server that was started with no word of dbns's own has Galera's own defaults: so had it after `create`.
  expect(await providerOptions(cluster.nodes[0]?.socket ?? '')).toEqual(options);
});

/**
 * By hand, 2, the sure way, which needs no gvwstate.dat: in the most advanced directory set `safe_to_bootstrap: 1` in
 * grastate.dat, start that one with `--wsrep-new-cluster` and its position, and when it is Synced the others, with
 * theirs. `dbns start` goes this way too (start-pxc.test), so by hand it is gone in a thorough run alone.
 */
test.runIf(THOROUGH)(
  'after kill -9 of all servers, bootstrapping the most advanced and joining the others brings every row back',
  async () => {
    const cluster = await createPxc(['--nodes', '4']);
    const argvs = cluster.nodes.map(argvOf).map(lasting);
    const acknowledged = await writeAndKill(cluster);
    const data = cluster.nodes.map(({ name }) => `/var/lib/dbns/clusters/pxc/${name}/data`);
    const positions = await recoverPositions(argvs);
    const seqnos = positions.map(seqnoOf);
    expect(Math.max(...seqnos)).toBeGreaterThanOrEqual(WRITES);
    const best = seqnos.indexOf(Math.max(...seqnos));
    const state = `${data[best] ?? ''}/grastate.dat`;
    writeFileSync(state, readFileSync(state, 'utf8').replace('safe_to_bootstrap: 0', 'safe_to_bootstrap: 1'));
    await run(['rm', '-f', ...data.map((directory) => `${directory}/gvwstate.dat`)]);
    const starts = argvs.map((argv, index) => [...argv, `--wsrep-start-position=${positions[index] ?? ''}`]);
    startByHand([[...(starts[best] ?? []), '--wsrep-new-cluster']]);
    const socket = cluster.nodes[best]?.socket ?? '';
    await expect.poll(async () => (await wsrep(socket)).local_state_comment).toBe('Synced');
    startByHand(starts.filter((_, index) => index !== best));
    await expect.poll(async () => (await statusOf('pxc')).state).toBe('running');
    await expectAllRows(cluster, acknowledged);
    for (const directory of data) expect(existsSync(`${directory}/gvwstate.dat`)).toBe(true);
  },
);
