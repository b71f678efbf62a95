import type { Cluster } from '../../cluster/cluster.js';
import { NotFoundError, messageOf } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { clusterDirectory, clusterNames, loadCluster } from '../../state/clusters.js';
import { underMachineLock } from '../context.js';
import { lockCluster, removeCluster } from '../remove.js';
import { FIX, type Remnant } from './remnant.js';

/** Clusters that are saved and that nobody can use, nor is at work on. */
export async function findStranded(machine: Machine): Promise<readonly Remnant[]> {
  const names = await clusterNames(machine);
  return (await Promise.all(names.map((name) => findIn(machine, name)))).flat();
}

async function findIn(machine: Machine, name: string): Promise<readonly Remnant[]> {
  const directory = clusterDirectory(machine, name);
  try {
    const seen = describe(machine, await loadCluster(machine, name));
    if (seen === null || !(await isIdle(machine, directory))) return [];
    // Idle by now: a create that ended in between has left a cluster that is well.
    const remnant = describe(machine, await loadCluster(machine, name));
    return remnant === null ? [] : [remnant];
  } catch (error) {
    if (!(error instanceof NotFoundError)) return [unreadable(directory, messageOf(error))];
    return machine.files.exists(directory)
      ? [{ found: `${directory} has no cluster.json`, advice: [`rm -r ${directory}`] }]
      : [];
  }
}

/** With the file out of the way, what the cluster made is found by its marks. */
function unreadable(directory: string, message: string): Remnant {
  return { found: message, advice: [`mv ${directory} /var/tmp/ && dbns doctor --fix`], grave: true };
}

function describe(machine: Machine, { id, name, phase, nodes }: Cluster): Remnant | null {
  const advice = [`dbns destroy ${name}`];
  switch (phase) {
    case 'creating':
      return {
        found: `the cluster '${name}', whose create was cut short`,
        advice: FIX,
        remove: () => removeDead(machine, name, id),
      };
    case 'failed':
      return { found: `the cluster '${name}', kept by --keep-on-failure`, advice: [`dbns logs ${name}`, ...advice] };
    case 'created': {
      const gone = nodes.every(({ namespace }) => !machine.files.exists(`${machine.roots.netns}/${namespace}`));
      return gone
        ? { found: `the cluster '${name}' is not running: its namespaces are gone, as after a reboot`, advice }
        : null;
    }
  }
}

/** A `create` takes its cluster's lock under the machine's: under that, a lock that is free is nobody's. */
async function isIdle(machine: Machine, directory: string): Promise<boolean> {
  return underMachineLock(machine, async () => {
    if (!machine.files.exists(directory)) return false;
    const lock = await machine.lock(directory);
    await lock?.release();
    return lock !== null;
  });
}

/** As `destroy` does, once it is sure that it is still the same one. */
async function removeDead(machine: Machine, name: string, id: string): Promise<void> {
  const lock = await lockCluster(machine, name);
  try {
    const cluster = await loadCluster(machine, name);
    if (cluster.id === id && cluster.phase === 'creating') await removeCluster(machine, cluster);
  } finally {
    await lock.release();
  }
}
