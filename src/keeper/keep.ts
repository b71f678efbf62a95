import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
import { packageVersion } from '../host/package-files.js';
import { dutyNames, loadDuties, type Duties } from '../lifecycle/keeping/duties.js';
import { isBroken, nullWhenGone, readCluster } from '../state/clusters.js';
import { keeperDirectory, saveKeeper } from '../state/keeper.js';
import { waitInDraft, waitUntilTaken } from './draft.js';
import { faultEnder } from './end-faults.js';
import { leaseEnder } from './end-lease.js';
import { follower } from './follow.js';
import { portHolder } from './hold-ports.js';
import type { Kept } from './kept.js';

/** ms between two looks at what is wanted. */
const LOOK = 100;

/** Its own, whatever is installed meanwhile. */
const VERSION = packageVersion();

/** Which cluster is kept. */
interface Place {
  readonly cluster: string;
  readonly id: string;
  /** The directory of its draft, where it is one still. */
  readonly draft: string | undefined;
}

/**
 * The keeper of a cluster: does what its duties are, until there are none or the cluster is gone. One is enough: a second
 * ends at once. Killed at any moment it leaves nothing that the next one, or `destroy`, would have to know.
 */
export async function keep(machine: Machine, { cluster: name, id, draft }: Place): Promise<void> {
  if (draft !== undefined) await waitInDraft(machine, draft);
  const lock = await machine.lock(keeperDirectory(machine, name)).catch(nullWhenGone);
  if (lock === null) return;
  await waitUntilTaken(machine, name);
  const [ports, following] = [portHolder(), follower(machine)];
  const [faults, leases] = [faultEnder(machine), leaseEnder(machine)];
  let told = '';
  for (;;) {
    const wanted = await wantedOf(machine, name, id);
    if (wanted === null) break;
    const { cluster, duties } = wanted;
    const kept = new Map([
      ...(await ports.hold(duties.ports)),
      ...(await following.follow(cluster, duties)),
      ...faults.end(cluster, duties.ending),
      ...(await leases.end(cluster, duties.lease)),
    ]);
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
  const duties = loadDuties(machine, cluster);
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
