import { milliseconds } from '../cluster/duration.js';
import { CLUSTER_VARIABLE } from '../cluster/names.js';
import { MachineError } from '../errors/errors.js';
import { localMachine } from '../lifecycle/context.js';
import { holdCluster, type Hold } from '../lifecycle/life/hold.js';
import { contextOf } from './call.js';
import type { Cluster } from './cluster.js';
import { createCluster, openCluster, type ClusterWords } from './create.js';

/** What a test runner calls before and after tests; times are milliseconds. */
export interface Hooks {
  readonly beforeAll: (act: () => Promise<void>, timeout: number) => void;
  readonly beforeEach: (act: () => Promise<void>, timeout: number) => void;
  readonly afterAll: (act: () => Promise<void>, timeout: number) => void;
}

/** A first create makes a pristine data directory, and perhaps pulls an image; who waits for a shared cluster waits for files. */
const SLOW = milliseconds('30m');
const QUICK = milliseconds('2m');

/**
 * A cluster that goes with the test run: with this process, and with the runner where this is a worker of it, whichever ends
 * first.
 * @param words of the runner, e.g. `npx vitest run`
 * @throws MachineError without root, with the line to type.
 */
export async function createForTests(cluster: ClusterWords, words: string): Promise<Cluster> {
  assertRoot(words);
  const isWorker = process.send !== undefined;
  const lease = { processes: isWorker ? [process.pid, process.ppid] : [process.pid] };
  return createCluster({ lease, observer: { warned: aloud }, ...cluster });
}

function aloud(text: string): void {
  console.warn(text);
}

function assertRoot(words: string): void {
  if (localMachine.isRoot) return;
  const script = process.env.npm_lifecycle_event;
  const typed = script === undefined ? words : script === 'test' ? 'npm test' : `npm run ${script}`;
  // In the message: runners show no more of an error.
  throw new MachineError(`Clusters need root, and this test run has none. Type: sudo env "PATH=$PATH" ${typed}`);
}

/** A cluster for the tests of one file. */
export function clusterOfFile(hooks: Hooks, words: ClusterWords, runner: string): () => Cluster {
  let cluster: Cluster | undefined;
  hooks.beforeAll(async () => {
    cluster = await createForTests(words, runner);
  }, SLOW);
  hooks.afterAll(async () => {
    await cluster?.[Symbol.asyncDispose]();
  }, QUICK);
  return () => there(cluster);
}

/**
 * A cluster that all files share: one file at a time has it, and each test begins with it as its create returned.
 * @param name asked when the first test begins
 */
export function sharedByFiles(hooks: Hooks, name: () => string, runner: string): () => Cluster {
  let cluster: Cluster | undefined;
  let hold: Hold | undefined;
  hooks.beforeAll(async () => {
    assertRoot(runner);
    cluster = await openCluster(name());
    hold = await holdCluster(cluster.name, contextOf({ observer: { told: aloud } }));
  }, SLOW);
  hooks.beforeEach(async () => {
    await there(cluster).reset();
  }, QUICK);
  hooks.afterAll(async () => {
    await hold?.release();
  }, QUICK);
  return () => there(cluster);
}

/** @throws Error where nothing shared was set up. */
export function sharedName(how: string): string {
  const name = process.env[CLUSTER_VARIABLE];
  if (name === undefined || name === '') throw new Error(`There is no shared cluster: ${how}.`);
  return name;
}

function there(cluster: Cluster | undefined): Cluster {
  if (cluster === undefined) throw new Error('The cluster is there in tests and hooks alone, after it has been made.');
  return cluster;
}
