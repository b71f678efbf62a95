/** Fixtures for node's own test runner: a cluster for each file, or one that files share and each test finds as new. */
import { after, before, beforeEach } from 'node:test';
import type { Cluster } from '../library/cluster.js';
import type { ClusterWords } from '../library/create.js';
import { clusterOfFile, sharedByFiles, sharedName, type Hooks } from '../library/testing.js';

const RUNNER = 'node --test';

const hooks: Hooks = {
  beforeAll: (act, timeout) => {
    before(act, { timeout });
  },
  beforeEach: (act, timeout) => {
    beforeEach(act, { timeout });
  },
  afterAll: (act, timeout) => {
    after(act, { timeout });
  },
};

/**
 * The cluster of `dbns run TOPOLOGY -- node --test`, asked for in tests. Each test of the file begins with it as its create
 * returned; one file at a time has it, the others wait.
 */
export function sharedCluster(): () => Cluster {
  return sharedByFiles(hooks, () => sharedName('dbns run replication -- node --test'), RUNNER);
}

/** A cluster for the tests of this file, asked for in tests. */
export function clusterPerFile(words: ClusterWords): () => Cluster {
  return clusterOfFile(hooks, words, RUNNER);
}
