import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
import { packageVersion } from '../host/package-files.js';
import { dutiesOf, dutyNames, type Duties } from '../lifecycle/keeping/duties.js';
import { isBroken, nullWhenGone, readCluster } from '../state/clusters.js';
import { keeperDirectory, saveKeeper } from '../state/keeper.js';
import { loadRules } from '../state/rules.js';
import { faultEnder } from './end-faults.js';
import { follower } from './follow.js';
import { portHolder } from './hold-ports.js';
import type { Kept } from './kept.js';

/** ms between two looks at what is wanted. */
const LOOK = 100;

/** Its own, whatever is installed meanwhile. */
const VERSION = packageVersion();

/**
 * The keeper of a cluster: does what its duties are, until there are none or the cluster is gone. One is enough: a second
 * ends at once. Killed at any moment it leaves nothing that the next one, or `destroy`, would have to know.
 */
export async function keep(machine: Machine, name: string, id: string): Promise<void> {
  const lock = await machine.lock(keeperDirectory(machine, name)).catch(nullWhenGone);
  if (lock === null) return;
  const [ports, following, ender] = [portHolder(), follower(machine), faultEnder(machine)];
  let told = '';
  for (;;) {
    const wanted = await wantedOf(machine, name, id);
    if (wanted === null) break;
    const { cluster, duties } = wanted;
    const ended = ender.end(cluster, duties.ending);
    const kept = new Map([...(await ports.hold(duties.ports)), ...(await following.follow(cluster, duties)), ...ended]);
    told = await tell(machine, name, kept, told);
    await sleep(LOOK);
  }
  await ports.hold([]);
  await lock.release();
}

/** Null when there is nothing to do any more. */
async function wantedOf(
  machine: Machine,
  name: string,
  id: string,
): Promise<{ readonly cluster: Cluster; readonly duties: Duties } | null> {
  const cluster = await readCluster(machine, name);
  if (cluster === null || isBroken(cluster) || cluster.id !== id) return null;
  const duties = dutiesOf(cluster, loadRules(machine, name));
  return dutyNames(duties).length === 0 ? null : { cluster, duties };
}

/** Writes what is done, when that changed. Who destroys the cluster meanwhile has taken its directory away. */
async function tell(machine: Machine, name: string, kept: Kept, told: string): Promise<string> {
  const text = JSON.stringify([...kept]);
  const identity = machine.processes.identify(process.pid);
  if (text === told || identity === null) return told;
  const record = { process: identity, dbns: VERSION, duties: Object.fromEntries(kept) };
  await saveKeeper(machine, name, record).catch(() => undefined);
  return text;
}
