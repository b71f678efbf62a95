import fs from 'node:fs';
import path from 'node:path';
import { BenchError, ConflictError } from './errors.mjs';
import { interrupted } from './interrupt.mjs';
import { run } from './run.mjs';

const repository = path.resolve(import.meta.dirname, '..');
const program = path.join(repository, 'bin/run.js');

/** Nothing of the caller's environment may change what is measured. */
export const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(DBNS_|DEBUG$|NODE_)/.test(name)),
);

/** Clusters that this bench made and did not yet destroy. */
const made = new Set();

/**
 * A whole call of the CLI.
 * @param {readonly string[]} words
 * @param {Parameters<typeof run>[1]} [options]
 */
export async function dbns(words, options = {}) {
  return run([process.execPath, program, ...words], { env, ...options });
}

export function assertBuilt() {
  if (!fs.existsSync(path.join(repository, 'dist/index.js'))) throw new BenchError('There is no dist/: npm run build');
}

/**
 * @param {string} name begins with `bench`
 * @param {import('./topologies.mjs').Of} of
 * @param {Parameters<typeof run>[1] & {more?: readonly string[]}} [options] with more words for `create`
 */
export async function createCluster(name, { topology, nodes, image }, { more = [], ...options } = {}) {
  made.add(name);
  const words = [topology, 'create', name, '--nodes', String(nodes), '--image', image, '--timeout', '5m', '--json'];
  return dbns([...words, ...more], { signal: interrupted, ...options });
}

/** Of a cluster that gets its name by itself. */
export function noteMade(name) {
  made.add(name);
}

/** Not to be interrupted. */
export async function destroyCluster(name) {
  const ended = await dbns(['destroy', name]);
  made.delete(name);
  return ended;
}

/** Destroys what is left of our own clusters, and of no others. */
export async function destroyMade() {
  if (made.size === 0) return;
  for (const name of (await clusterNames()).filter((known) => made.has(known))) await destroyCluster(name);
}

/** @throws ConflictError when there are clusters: they would share the machine, and the pristine directories. */
export async function assertNoClusters() {
  const { stdout } = await dbns(['standby', 'list', '--json']);
  const [standby] = JSON.parse(stdout).standbys;
  if (standby !== undefined) {
    throw new ConflictError(`A standby would be measured along: stop it first:\n  dbns standby stop ${standby.id}`);
  }
  const names = await clusterNames();
  if (names.length === 0) return;
  throw new ConflictError(
    `There are clusters already: ${names.join(', ')}. They would be measured along; destroy them first:\n` +
      names.map((name) => `  dbns destroy ${name}`).join('\n'),
  );
}

async function clusterNames() {
  const { stdout } = await dbns(['list', '--json']);
  return JSON.parse(stdout).clusters.map(({ name }) => name);
}
