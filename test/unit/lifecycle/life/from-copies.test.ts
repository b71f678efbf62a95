import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { wantsCopies } from '../../../../src/lifecycle/life/from-copies.js';
import { sampleCluster } from '../../../fakes/cluster.js';
import { fakeMachine } from '../../../fakes/machine.js';

const { made } = sampleCluster(2);
/** Of two nodes, of which each had a copy. */
const WITH_INIT: Partial<Cluster> = made === null ? {} : { made: { ...made, init: true } };
const COPIES = ['node1', 'node2'].map((node) => `/var/lib/dbns/clusters/east/${node}/init`);
const machine = fakeMachine({ directories: COPIES });

describe('a reset goes back to the copies of create --init', () => {
  test('where there are any, unless it is said otherwise', () => {
    expect(wantsCopies(machine, sampleCluster(2, WITH_INIT), undefined)).toBe(true);
    expect(wantsCopies(machine, sampleCluster(2, WITH_INIT), true)).toBe(true);
    expect(wantsCopies(machine, sampleCluster(2, WITH_INIT), false)).toBe(false);
    expect(wantsCopies(machine, sampleCluster(2), undefined)).toBe(false);
  });

  test('with nodes that were added since, who have none', () => {
    expect(wantsCopies(machine, sampleCluster(3, WITH_INIT), undefined)).toBe(true);
  });

  test('and is refused where there are none, and where a node is gone or its copy', () => {
    const refused = (cluster: Cluster, toInit?: boolean, on = machine) =>
      expect(() => wantsCopies(on, cluster, toInit));
    refused(sampleCluster(2), true).toThrow(
      "There are no copies of data that 'east' could go back to: it was made without --init, or upgraded since.",
    );
    refused(sampleCluster(1, WITH_INIT)).toThrow("node2 of 'east' was removed: the copies are of nodes that know it.");
    const lost = fakeMachine({ directories: COPIES.slice(0, 1) });
    refused(sampleCluster(2, WITH_INIT), undefined, lost).toThrow("The copy that node2 of 'east' had is gone.");
  });
});
