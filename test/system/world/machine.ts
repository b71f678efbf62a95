import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { afterEach, beforeAll } from 'vitest';
import { run, start, type CommandOptions, type CommandResult, type RunningCommand } from './command.js';
import { difference } from './difference.js';
import { MACHINE, nodePlace, OUTSIDE, type Place } from './places.js';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const SNAPSHOT = path.join(import.meta.dirname, 'snapshot.sh');

const RUNNERS = /^(VITEST|TEST$|NODE_ENV$|NODE_OPTIONS$|TMPDIR$|DBNS_(WORLD|TEST|IMAGE)|npm_)/;

/** A finished dbns; `json` is its stdout when that is a JSON document. */
interface DbnsResult extends CommandResult {
  readonly json?: unknown;
}

/** All that dbns could leave behind on the machine, as text. */
export async function snapshot(): Promise<string> {
  return (await run([SNAPSHOT])).stdout;
}

/** @throws Error with the difference when something was left behind or is missing; caches may differ. */
export function expectSameMachine(before: string, after: string): void {
  const lines = difference(before, after);
  if (lines !== '') throw new Error(`The machine is not as it was (+ left behind, - missing):\n${lines}`);
}

/** A keeper ends a moment after the cluster that it took away: it alone is waited for. */
async function snapshotAfter(expected: string): Promise<string> {
  const deadline = Date.now() + KEEPERS_END;
  for (;;) {
    const now = await snapshot();
    if (!difference(expected, now).includes('/keeper/') || Date.now() > deadline) return now;
    await sleep(100);
  }
}

/** ms */
const KEEPERS_END = 30_000;

/** Every test of the file must leave the machine as it found it, once all clusters are destroyed. */
export function keepMachineClean(): void {
  let before = '';
  beforeAll(async () => {
    before = await snapshot();
  });
  afterEach(async () => {
    const destroyed = await dbns(['destroy', '--all', '--yes'], { expectExit: 'any' });
    const expected = before;
    before = await snapshotAfter(expected); // what one test left is not held against the next
    expectSameMachine(expected, before);
    if (destroyed.exitCode !== 0)
      throw new Error(`dbns destroy --all ended with ${destroyed.exitCode}: ${destroyed.stderr}`);
  });
}

/** Where and how dbns runs. */
export interface DbnsOptions extends CommandOptions {
  readonly place?: Place;
}

/** Runs the built dbns as a user would, with the image under test as default. */
export async function dbns(args: readonly string[], options: DbnsOptions = {}): Promise<DbnsResult> {
  const result = await startDbns(args, options).result;
  return { ...result, ...parsed(result.stdout) };
}

/** The same, for tests that interrupt it. */
export function startDbns(args: readonly string[], { place = MACHINE, ...options }: DbnsOptions = {}): RunningCommand {
  return start([...place, ...builtDbns(), ...args], { ...options, env: { ...usersEnvironment(), ...options.env } });
}

/** Runs lines of a user's in bash, in which `dbns` is the built one; `$DBNS` is its argv. */
export function userTypes(script: string, options: CommandOptions = {}): Promise<CommandResult> {
  const env = { ...usersEnvironment(), DBNS: builtDbns().join(' '), ...options.env };
  return run(['bash', '--norc', '-c', `dbns() { $DBNS "$@"; }\n${script}`], { ...options, env });
}

function builtDbns(): readonly string[] {
  if (!existsSync(path.join(REPOSITORY, 'dist'))) throw new Error('dbns is not built: type `npm run build`.');
  return [process.execPath, path.join(REPOSITORY, 'bin/run.js')];
}

/** Runs a command on the host behind the uplink. */
export function outside(argv: readonly string[], options?: CommandOptions): Promise<CommandResult> {
  return run([...OUTSIDE, ...argv], options);
}

/** Runs a command of the machine in a node's namespace. */
export function inNode(
  cluster: string,
  node: string,
  argv: readonly string[],
  options?: CommandOptions,
): Promise<CommandResult> {
  return run([...nodePlace(cluster, node), ...argv], options);
}

/** A node's socket; `query` asks there as root, who has no password. */
export function socketOf(cluster: string, node: string): string {
  return `/run/dbns/${cluster}/${node}/mysqld.sock`;
}

/** What `dbns uri` says: `query` asks there by TCP as the cluster's account. */
export async function uriOf(cluster: string, node?: string): Promise<string> {
  return (await dbns(['uri', cluster, ...(node === undefined ? [] : [node])])).stdout.trim();
}

/** The rows of one statement, from a new connection to a socket or a URI; none when it returns none. */
export async function query(socketOrUri: string, sql: string): Promise<Record<string, unknown>[]> {
  const where = socketOrUri.startsWith('/') ? { socketPath: socketOrUri, user: 'root' } : { uri: socketOrUri };
  const connection = await mysql.createConnection({ ...where, connectTimeout: 5000 });
  try {
    const [rows] = await connection.query(sql);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    await connection.end();
  }
}

/** The environment without what belongs to the test runner. */
function usersEnvironment(): Record<string, string | undefined> {
  const runners = Object.keys(process.env).filter((name) => RUNNERS.test(name));
  return {
    ...Object.fromEntries(runners.map((name) => [name, undefined])),
    FORCE_COLOR: undefined,
    NO_COLOR: '1',
    DBNS_IMAGE: process.env.DBNS_TEST_IMAGE,
  };
}

function parsed(stdout: string): { json?: unknown } {
  try {
    return { json: JSON.parse(stdout) as unknown };
  } catch {
    return {};
  }
}
