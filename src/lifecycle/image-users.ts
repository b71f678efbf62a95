import { programsOf } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
import { isBroken, readClusters } from '../state/clusters.js';
import { loadMark } from '../state/standby.js';

/** The images that clusters use, and the names of those that do, of a standby its wish: `standby s1`; of a broken one as far as its file can be read. */
export async function imageUsers(machine: Machine): Promise<ReadonlyMap<string, readonly string[]>> {
  const users = new Map<string, readonly string[]>();
  for (const saved of await readClusters(machine)) {
    const mark = loadMark(machine, saved.name);
    const refs = isBroken(saved) ? saved.images : programsOf(saved).map(({ image }) => image);
    for (const ref of new Set(refs))
      users.set(ref, [...(users.get(ref) ?? []), mark === null ? saved.name : `standby ${mark.wish}`]);
  }
  return users;
}
