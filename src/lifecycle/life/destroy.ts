import { NotFoundError } from '../../errors/errors.js';
import { clusterNames, loadCluster } from '../../state/clusters.js';
import { requireRoot, type Context } from '../context.js';
import { sweepDrafts } from '../pristine.js';
import { lockCluster, removeCluster, sweep } from '../remove.js';
import { selectCluster } from '../select.js';

/** Removes one cluster, and all that it made; without a name, the only one. */
export async function destroyCluster(name: string | undefined, { machine, observer }: Context): Promise<string> {
  requireRoot(machine, name === undefined ? 'destroy' : `destroy ${name}`);
  await sweep(machine);
  await sweepDrafts(machine);
  const selected = await selectCluster(machine, name);
  const title = `destroy ${selected.name}`;
  observer.phaseStarted?.(title);
  const lock = await lockCluster(machine, selected.name);
  try {
    await removeCluster(machine, await loadCluster(machine, selected.name));
  } finally {
    await lock.release();
  }
  observer.phaseDone?.(title);
  return selected.name;
}

/** Removes all clusters, one after another; none is fine too. One that fails does not keep the others. */
export async function destroyAll(context: Context): Promise<readonly string[]> {
  requireRoot(context.machine, 'destroy --all');
  await sweep(context.machine);
  await sweepDrafts(context.machine);
  const failures: unknown[] = [];
  const destroyed: string[] = [];
  for (const name of await clusterNames(context.machine)) {
    try {
      destroyed.push(await destroyCluster(name, context));
    } catch (error) {
      if (!(error instanceof NotFoundError)) failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return destroyed;
}
