import { spawn } from 'node:child_process';
import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ClusterView, NodeView } from '../../../src/lifecycle/view.js';
import { run, type CommandOptions } from './command.js';
import { dbns, query } from './machine.js';
import type { Place } from './places.js';

const ASK = fileURLToPath(new URL('./ask.mjs', import.meta.url));

/** `dbns pxc create … --json`: the cluster that it printed. */
export async function createPxc(words: readonly string[] = [], options?: CommandOptions): Promise<ClusterView> {
  if (process.env.DBNS_TEST_STANDBY === '1' && options?.expectExit === undefined) return createFromStandby(words);
  return (await dbns(['pxc', 'create', ...words, '--json'], options)).json as ClusterView;
}

/** The same of one that stands by, where the words let it; nothing stands by afterwards. */
async function createFromStandby(words: readonly string[]): Promise<ClusterView> {
  const own = /^(--subnet|--ip|--password-file|--init|--sample|--lease|--keep-on-failure|--dry-run)/;
  const isOrdinary = words.some((word) => own.test(word)) || /^[a-z]/.test(words[0] ?? '');
  if (!isOrdinary) await dbns(['standby', 'start', 'pxc', ...words]);
  const { json, stderr } = await dbns(['pxc', 'create', ...words, '--json']);
  if (!isOrdinary && /servers|start \d+ nodes/.test(stderr)) throw new Error(`it took no standby: ${stderr}`);
  await dbns(['standby', 'stop', '--all']);
  return json as ClusterView;
}

/** Servers that are not under DBNS_TEST_IMAGE, by their images; tests that need one that is not there skip. */
export const MYSQL = process.env.DBNS_TEST_MYSQL ?? 'mysql:9.7';
export const MARIADB = process.env.DBNS_TEST_MARIADB ?? 'mariadb:10.11';
export const MARIADB_NEXT = 'mariadb:11.8';

/** Whether an image is of the machine's own tree, and its servers see that. */
export const isOfTheMachine = (ref = '') => ref === 'host' || ref.startsWith('dir:');

/** Whether images are on this machine. */
export function hasImages(...refs: readonly string[]): boolean {
  const isThere = (ref: string) => existsSync(`/var/lib/dbns/images/${ref.replace(':', '/')}/image.json`);
  return refs.every((ref) => isOfTheMachine(ref) || isThere(ref));
}

/** `dbns replication create … --json`, of an image. */
export async function createReplication(image: string, words: readonly string[] = []): Promise<ClusterView> {
  return (await dbns(['replication', 'create', '--image', image, ...words, '--json'])).json as ClusterView;
}

/** `dbns group create … --json`, of MySQL. */
export async function createGroup(words: readonly string[] = []): Promise<ClusterView> {
  return (await dbns(['group', 'create', '--image', MYSQL, ...words, '--json'])).json as ClusterView;
}

/** Ends a node's server as a crash would. */
export function kill({ pid }: NodeView): void {
  if (pid === null) throw new Error('it does not run');
  process.kill(pid, 'SIGKILL');
}

/** What `dbns status CLUSTER --json` says of the one cluster; nobody is slow because the machine is. The exit code is not looked at. */
export async function statusOf(cluster: string, timeout = '60s'): Promise<ClusterView> {
  const { json } = await dbns(['status', cluster, '--timeout', timeout, '--json'], { expectExit: 'any' });
  const [found] = (json as { clusters: ClusterView[] }).clusters;
  if (found === undefined) throw new Error(`status says nothing of ${cluster}`);
  return found;
}

export function nodeOf({ nodes }: ClusterView, name: string): NodeView {
  const found = nodes.find((node) => node.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** The argv of a node's server that runs, as it is known in its namespace. */
export async function argvOf({ namespace }: NodeView): Promise<readonly string[]> {
  const { stdout } = await run(['ip', 'netns', 'pids', namespace]);
  return readFileSync(`/proc/${stdout.split('\n')[0] ?? ''}/cmdline`, 'utf8')
    .split('\0')
    .slice(0, -1);
}

/** Starts a node's server by hand, as the docs say. */
export function startByHand({ namespace, log }: NodeView, argv: readonly string[]): void {
  const file = openSync(log, 'a');
  spawn('ip', ['netns', 'exec', namespace, ...argv], { detached: true, stdio: ['ignore', file, file] }).unref();
}

/** Asks by a driver that runs at a place: as an account, by TCP. */
export async function askAt(place: Place, uri: string, sql: string): Promise<Record<string, unknown>[]> {
  const { stdout } = await run([...place, process.execPath, ASK, sql], { env: { ASK_URI: uri } });
  return JSON.parse(stdout) as Record<string, unknown>[];
}

/** The single value of a statement, from a new connection. */
export async function value(socketOrUri: string, sql: string): Promise<unknown> {
  return Object.values((await query(socketOrUri, sql))[0] ?? {})[0];
}

/** Galera's status variables of a server, without their prefix. */
export async function wsrep(socketOrUri: string): Promise<Record<string, string>> {
  const rows = await query(socketOrUri, "SHOW GLOBAL STATUS LIKE 'wsrep_%'");
  return Object.fromEntries(
    rows.map(({ Variable_name: name, Value }) => [String(name).replace(/^wsrep_/, ''), String(Value)]),
  );
}

/**
 * Galera's own options as its server uses them, periods in seconds. MariaDB 11.8 has a variable for each, others one
 * text for all.
 */
export async function providerOptions(socket: string): Promise<Record<string, string>> {
  const rows = await query(socket, "SHOW GLOBAL VARIABLES LIKE 'wsrep_provider_%'");
  const all = rows.map((row): [string, string] => [String(row.Variable_name), String(row.Value)]);
  const own = all.filter(([name]) => name !== 'wsrep_provider_options');
  const text = all.find(([name]) => name === 'wsrep_provider_options')?.[1] ?? '';
  const pairs =
    own.length > 0
      ? own.map(([name, word]) => [name.replace('wsrep_provider_', '').replace('_', '.'), word])
      : text.split(';').map((pair) => pair.split('=').map((part) => part.trim()));
  return Object.fromEntries(pairs.flatMap(([name = '', word = '']) => (name === '' ? [] : [[name, plain(word)]])));
}

/** `PT1.5S`, `1.500000` → `1.5`; `ON` → `true`. */
function plain(word: string): string {
  const number = Number(word.replace(/^PT([\d.]+)S$/, '$1'));
  if (word !== '' && !Number.isNaN(number)) return String(number);
  return { on: 'true', yes: 'true', off: 'false', no: 'false' }[word.toLowerCase()] ?? word;
}

/** A field of /proc/PID/status. */
export function procStatus(pid: number | null, field: string): string {
  const text = readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8');
  return new RegExp(`^${field}:[ \\t]*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
}

/** The words of every process in the world, zombies and threads of the kernel aside. */
export function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`))
    .flatMap((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      } catch {
        return [];
      }
    })
    .filter((line) => line !== '');
}

/**
 * Nodes that a Galera node turned away when they came back, by their ids: it had not taken leave of what they were before. One
 * that it knew and that leaves may call once more, and is turned away as well: that is no matter.
 */
export function discardedIn(log: string): readonly string[] {
  const known = new Set<string>();
  return readFileSync(log, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, stable] = /declaring (\S+) at .* stable/.exec(line) ?? [];
      if (stable !== undefined) known.add(stable);
      const [, discarded] = /discarding connection (\S+)/.exec(line) ?? [];
      return discarded === undefined || known.has(discarded) ? [] : [discarded];
    });
}
