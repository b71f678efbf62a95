import * as v from 'valibot';
import type { SharedResource } from '../cluster/resource.js';
import type { Machine } from '../host/machine.js';
import { loadClusters } from './clusters.js';
import { readRecord, writeRecord, type Format } from './record.js';

const SHARED = v.variant('kind', [
  v.object({
    kind: v.literal('uplink'),
    // An earlier dbns had clusters of IPv4 alone.
    family: v.optional(v.picklist(['ip', 'ip6']), 'ip'),
    link: v.string(),
    router: v.boolean(),
  }),
  v.object({ kind: v.literal('sysctl'), key: v.string(), before: v.string() }),
  v.object({ kind: v.literal('parent-directory'), path: v.string() }),
]);
const ENTRIES: Format<{ readonly entries: readonly SharedEntry[] }> = {
  version: 1,
  schema: v.object({ entries: v.array(v.object({ resource: SHARED, users: v.array(v.string()) })) }),
  upgrades: { 0: (entries) => ({ entries }) },
};

/** A shared thing, and the ids of the clusters that use it. */
export interface SharedEntry {
  readonly resource: SharedResource;
  readonly users: readonly string[];
}

/**
 * The machine's own journal: what clusters share. Read and written under the machine's lock. When it is damaged, what
 * the machine still shows: the directories, with all clusters for users. What a sysctl was before is lost.
 */
export async function loadShared(machine: Machine): Promise<readonly SharedEntry[]> {
  const found = readRecord(machine, fileOf(machine), ENTRIES);
  if (found.kind === 'whole') return found.content.entries;
  return found.kind === 'absent' ? [] : recovered(machine);
}

async function recovered(machine: Machine): Promise<readonly SharedEntry[]> {
  const { run, netns, netnsEtc } = machine.roots;
  const users = (await loadClusters(machine)).map(({ id }) => id);
  const there = [run, netns, netnsEtc].filter((path) => machine.files.exists(path));
  return there.map((path) => ({ resource: { kind: 'parent-directory', path }, users }));
}

/** What is wrong with that journal; null when nothing is. */
export function sharedDamage(machine: Machine): string | null {
  const found = readRecord(machine, fileOf(machine), ENTRIES);
  return found.kind === 'damaged' ? found.why : null;
}

export async function saveShared(machine: Machine, entries: readonly SharedEntry[]): Promise<void> {
  // A save that was cut short leaves its draft.
  if (entries.length === 0)
    for (const file of [fileOf(machine), `${fileOf(machine)}.new`]) await machine.files.remove(file);
  else await writeRecord(machine, fileOf(machine), ENTRIES, { entries });
}

function fileOf(machine: Machine): string {
  return `${machine.roots.state}/shared.json`;
}
