import type { Machine } from '../../host/machine.js';
import { readClusters, type SavedCluster } from '../../state/clusters.js';

/**
 * What `look` sees, and the clusters that there were before or after: one that is being made or destroyed right now is
 * among them.
 */
export async function lookAmongClusters<T>(
  machine: Machine,
  look: () => readonly T[] | Promise<readonly T[]>,
): Promise<{ readonly seen: readonly T[]; readonly known: readonly SavedCluster[] }> {
  const before = await readClusters(machine);
  const seen = await look();
  const after = await readClusters(machine);
  return { seen, known: [...before, ...after] };
}
