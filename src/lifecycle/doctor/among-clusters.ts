import type { Cluster } from '../../cluster/cluster.js';
import { MachineError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { loadClusters } from '../../state/clusters.js';

/**
 * What `look` sees, and the clusters that there were before or after: one that is being made or destroyed right now is
 * among them. While a cluster can't be read nobody knows what is whose: nothing is seen then.
 */
export async function lookAmongClusters<T>(
  machine: Machine,
  look: () => readonly T[] | Promise<readonly T[]>,
): Promise<{ readonly seen: readonly T[]; readonly known: readonly Cluster[] }> {
  const before = await readableClusters(machine);
  const seen = await look();
  const after = await readableClusters(machine);
  return before === null || after === null ? { seen: [], known: [] } : { seen, known: [...before, ...after] };
}

async function readableClusters(machine: Machine): Promise<readonly Cluster[] | null> {
  return loadClusters(machine).catch((error: unknown) => {
    if (error instanceof MachineError) return null;
    throw error;
  });
}
