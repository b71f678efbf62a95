import * as z from 'zod';
import type { SharedResource } from '../cluster/resource.js';
import type { Machine } from '../host/machine.js';
import { loadClusters } from './clusters.js';
import { readRecord, writeRecord, type Format } from './record.js';

const SHARED = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('uplink'), link: z.string(), router: z.boolean() }),
  z.object({ kind: z.literal('sysctl'), key: z.string(), before: z.string() }),
  z.object({ kind: z.literal('parent-directory'), path: z.string() }),
]);
const ENTRIES: Format<{ readonly entries: readonly SharedEntry[] }> = {
  version: 1,
  schema: z.object({ entries: z.array(z.object({ resource: SHARED, users: z.array(z.string()) })) }),
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
