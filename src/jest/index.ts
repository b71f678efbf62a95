/** Fixtures for jest: a cluster for each file, or one that files share and each test finds as new. */
import { CLUSTER_VARIABLE } from '../cluster/names.js';
import type { Cluster } from '../library/cluster.js';
import { openCluster, type ClusterWords } from '../library/create.js';
import { clusterOfFile, createForTests, sharedByFiles, sharedName, type Hooks } from '../library/testing.js';

const RUNNER = 'npx jest';

/** jest's own, which are there in test files alone. */
declare const beforeAll: Hooks['beforeAll'];
declare const beforeEach: Hooks['beforeEach'];
declare const afterAll: Hooks['afterAll'];

/**
 * A globalSetup that makes the cluster which files share; it goes with jest, or by `clusterTeardown` as globalTeardown.
 * @example module.exports = clusterSetup({ topology: 'replication', nodes: 2 });
 */
export function clusterSetup(words: ClusterWords): () => Promise<void> {
  return async () => {
    const { name } = await createForTests(words, RUNNER);
    // Workers are started with the environment as it is now.
    process.env[CLUSTER_VARIABLE] = name;
  };
}

/** The globalTeardown that goes with it. */
export async function clusterTeardown(): Promise<void> {
  const cluster = await openCluster(sharedName('clusterSetup is no globalSetup'));
  await cluster[Symbol.asyncDispose]();
}

/**
 * The shared cluster, asked for in tests. Each test of the file begins with it as its create returned; one file at a time has
 * it, the others wait.
 */
export function sharedCluster(): () => Cluster {
  const how = 'name a globalSetup that is made by clusterSetup';
  return sharedByFiles({ beforeAll, beforeEach, afterAll }, () => sharedName(how), RUNNER);
}

/** A cluster for the tests of this file, asked for in tests. */
export function clusterPerFile(words: ClusterWords): () => Cluster {
  return clusterOfFile({ beforeAll, beforeEach, afterAll }, words, RUNNER);
}
