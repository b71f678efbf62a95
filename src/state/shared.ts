import * as z from 'zod';
import type { SharedResource } from '../cluster/resource.js';
import type { Machine } from '../host/machine.js';

const SHARED = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('sysctl'), key: z.string(), before: z.string() }),
  z.object({ kind: z.literal('parent-directory'), path: z.string() }),
]);
const ENTRIES = z.array(z.object({ resource: SHARED, users: z.array(z.string()) }));

/** A shared thing, and the ids of the clusters that use it. */
export interface SharedEntry {
  readonly resource: SharedResource;
  readonly users: readonly string[];
}

/** The machine's own journal: what clusters share. Read and written under the machine's lock. */
export function loadShared(machine: Machine): readonly SharedEntry[] {
  const text = machine.files.read(fileOf(machine));
  return text === null ? [] : ENTRIES.parse(JSON.parse(text));
}

export async function saveShared(machine: Machine, entries: readonly SharedEntry[]): Promise<void> {
  // A save that was cut short leaves its draft.
  if (entries.length === 0)
    for (const file of [fileOf(machine), `${fileOf(machine)}.new`]) await machine.files.remove(file);
  else await machine.files.replace(fileOf(machine), `${JSON.stringify(entries, null, 2)}\n`);
}

function fileOf(machine: Machine): string {
  return `${machine.roots.state}/shared.json`;
}
