/** Fixtures for vitest (3.2 and later): a cluster for each file, or one that files share and each test finds as new. */
import { afterAll, beforeAll, beforeEach, inject, test as base, type TestAPI } from 'vitest';
import type { TestProject } from 'vitest/node';
import type { Cluster } from '../library/cluster.js';
import type { ClusterWords } from '../library/create.js';
import { clusterOfFile, createForTests, sharedByFiles, type Hooks } from '../library/testing.js';

/** What the shared cluster is known by; values for workers can be no handles. */
export interface SharedCluster {
  readonly name: string;
  readonly uri: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** The shared cluster of `clusterSetup`. */
    dbns: SharedCluster;
  }
}

const RUNNER = 'npx vitest run';
const hooks: Hooks = { beforeAll, beforeEach, afterAll };

/**
 * A globalSetup that makes the cluster which files share, and destroys it after the last; in watch mode when vitest ends.
 * @example export default clusterSetup({ topology: 'replication', nodes: 2 });
 */
export function clusterSetup(words: ClusterWords): (project: TestProject) => Promise<() => Promise<void>> {
  return async (project) => {
    const cluster = await createForTests(words, RUNNER);
    project.provide('dbns', { name: cluster.name, uri: await cluster.uri() });
    return () => cluster[Symbol.asyncDispose]();
  };
}

/**
 * `test` with the shared cluster as `cluster`. Each test of the file begins with it as its create returned; one file at a time
 * has it, the others wait.
 * @throws Error for a test that is concurrent, when it begins.
 */
export function sharedCluster(): TestAPI<{ cluster: Cluster }> {
  beforeEach(({ task }) => {
    if (task.concurrent === true)
      throw new Error(`'${task.name}' is concurrent: tests that share a cluster run one after another.`);
  });
  return withCluster(sharedByFiles(hooks, () => inject('dbns').name, RUNNER));
}

/** `test` with a cluster for the tests of this file as `cluster`. */
export function clusterPerFile(words: ClusterWords): TestAPI<{ cluster: Cluster }> {
  return withCluster(clusterOfFile(hooks, words, RUNNER));
}

function withCluster(find: () => Cluster): TestAPI<{ cluster: Cluster }> {
  return base.extend<{ cluster: Cluster }>({
    // vitest wants to see which fixtures one takes.
    // eslint-disable-next-line no-empty-pattern
    cluster: async ({}, use) => {
      await use(find());
    },
  });
}
