import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { underClusterLock } from '../../../src/lifecycle/cluster-lock.js';
import { CLUSTER } from '../../../src/state/cluster-format.js';
import { textOf } from '../../../src/state/record.js';
import { sampleCluster } from '../../fakes/cluster.js';
import { fakeMachine } from '../../fakes/machine.js';

const FILE = '/var/lib/dbns/clusters/east/cluster.json';

/** What a verb finds of a cluster in a phase. */
const under = (phase: Cluster['phase'], resets = false) =>
  underClusterLock(
    fakeMachine({ files: { [FILE]: textOf(CLUSTER, sampleCluster(1, { phase })) } }),
    'east',
    { verb: 'stop', resets },
    (cluster) => Promise.resolve(cluster.phase),
  );

describe('under the lock of a cluster', () => {
  test('whose reset was cut short only a reset goes on', async () => {
    await expect(under('resetting')).rejects.toMatchObject({
      exitCode: 5,
      message: "A reset of 'east' was cut short: its nodes may have data, or none.",
      suggestions: ['dbns reset east', 'dbns destroy east'],
    });
    expect(await under('resetting', true)).toBe('resetting');
    expect(await under('created', true)).toBe('created');
  });

  test.each(['creating', 'failed'] as const)('that is %s nothing does', async (phase) => {
    for (const resets of [false, true])
      await expect(under(phase, resets)).rejects.toThrow("The cluster 'east' never came up.");
  });
});
