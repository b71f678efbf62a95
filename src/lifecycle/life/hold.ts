import type { Machine } from '../../host/machine.js';
import { clusterDirectory } from '../../state/clusters.js';
import { requireRoot, type Context } from '../context.js';
import { selectName } from '../select.js';

/** That one has a cluster to itself. */
export interface Hold {
  release(): Promise<void>;
}

/**
 * Has a cluster to itself among all who hold it so, as test files do that share one; verbs of others are not kept out. It
 * ends with this process at the latest. Who has to wait for another one is told so.
 * @throws NotFoundError; what an abort says.
 */
export async function holdCluster(clusterName: string, { machine, observer, signal }: Context): Promise<Hold> {
  requireRoot(machine, `reset ${clusterName}`);
  const name = await selectName(machine, clusterName);
  const directory = await holdDirectory(machine, name);
  const free = await machine.lock(directory);
  if (free !== null) return free;
  const holder = machine.processes.lockHolder(directory)?.pid;
  observer.told?.(`'${name}' is held${holder === undefined ? '' : ` by process ${holder}`}: waiting for it.`);
  const lock = await machine.lock(directory, { wait: true, signal });
  if (lock === null) throw new Error('a lock that was waited for was not given');
  return lock;
}

/** The kernel's lock on this directory is the hold. */
async function holdDirectory(machine: Machine, name: string): Promise<string> {
  const directory = `${clusterDirectory(machine, name)}/held`;
  await machine.files.mkdir(directory);
  return directory;
}
