import { randomBytes } from 'node:crypto';
import type { Cluster } from '../../cluster/cluster.js';
import type { Resource } from '../../cluster/resource.js';
import type { Machine } from '../../host/machine.js';
import type { ProcessIdentity } from '../../host/processes.js';
import { isBroken, loadClusters, readJournal, type SavedCluster } from '../../state/clusters.js';
import { loadProcesses } from '../../state/processes.js';
import { findThings } from './find-things.js';
import { belongsTo, idsNamed, journalOf, type Owner, type Thing } from './things.js';

/** All that a cluster made, by the id that it is marked with. */
interface Estate {
  /** The first is what its files are called when it is gone. */
  readonly ids: readonly [string, ...string[]];
  readonly parts: readonly { readonly id: string; readonly journal: readonly Resource[] }[];
  /** Its servers as they were, to be found where their namespaces lost their names. */
  readonly recorded: readonly ProcessIdentity[];
}

/** By the cluster's journal; where there is none to be read, by what the machine has with its mark or its name. */
export async function estateOf(machine: Machine, saved: SavedCluster): Promise<Estate> {
  if (isBroken(saved) || (await isCopy(machine, saved))) return estateByName(machine, saved.name);
  const { id, name } = saved;
  const journal = readJournal(machine, name);
  const resources =
    journal.kind === 'whole'
      ? journal.content.resources
      : journalOf(ownedBy(machine, saved, await findThings(machine)));
  return {
    ids: [id],
    parts: [{ id, journal: resources }],
    recorded: Object.values(loadProcesses(machine, name)),
  };
}

/** Of two clusters with one id, that is the one after which nothing on the machine is named. */
async function isCopy(machine: Machine, { id, name }: Cluster): Promise<boolean> {
  const twin = (await loadClusters(machine)).find((other) => other.id === id && other.name !== name);
  return twin !== undefined && !idsNamed(machine, name, await findThings(machine)).includes(id);
}

/**
 * Nobody says what its id is but the marks on what has its name, and one that is another cluster's is not its own: the
 * directory was copied then, and nothing else is touched. With no mark at all it gets an id that nothing bears: what has
 * its name is told then, not removed.
 */
async function estateByName(machine: Machine, name: string): Promise<Estate> {
  const things = await findThings(machine);
  const others = (await loadClusters(machine)).filter((cluster) => cluster.name !== name).map(({ id }) => id);
  const own = idsNamed(machine, name, things).filter((id) => !others.includes(id));
  const [first = randomBytes(4).toString('hex'), ...rest] = own;
  const parts = [first, ...rest].map((id) => ({ id, journal: journalOf(ownedBy(machine, { id, name }, things)) }));
  return { ids: [first, ...rest], parts, recorded: [] };
}

function ownedBy(machine: Machine, owner: Owner, things: readonly Thing[]): readonly Thing[] {
  return things.filter((thing) => belongsTo(machine, owner, thing));
}
