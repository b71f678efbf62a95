import * as v from 'valibot';
import type { Machine } from '../host/machine.js';

/** iproute2 prints an empty object for a link that its filter leaves out. */
const LINK = v.object({ link_netnsid: v.optional(v.number()) });
const NAMESPACE = v.object({ name: v.string(), id: v.optional(v.number()) });

/** Names of the namespaces that links of a group lead into. */
export async function namespacesBehind(machine: Machine, group: number): Promise<ReadonlySet<string>> {
  const [links, namespaces] = await Promise.all([
    listed(machine, ['link', 'show', 'group', String(group)], LINK),
    listed(machine, ['netns', 'list'], NAMESPACE),
  ]);
  const behind = new Set(links.map(({ link_netnsid }) => link_netnsid));
  return new Set(namespaces.flatMap(({ name, id }) => (id !== undefined && behind.has(id) ? [name] : [])));
}

async function listed<T>(
  machine: Machine,
  words: readonly string[],
  row: v.GenericSchema<unknown, T>,
): Promise<readonly T[]> {
  const { stdout } = await machine.run(['ip', '-json', ...words]);
  return v.parse(v.array(row), JSON.parse(stdout.trim() || '[]'));
}
