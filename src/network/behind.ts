import * as z from 'zod';
import type { Machine } from '../host/machine.js';

/** iproute2 prints an empty object for a link that its filter leaves out. */
const LINK = z.object({ link_netnsid: z.number().optional() });
const NAMESPACE = z.object({ name: z.string(), id: z.number().optional() });

/** Names of the namespaces that links of a group lead into. */
export async function namespacesBehind(machine: Machine, group: number): Promise<ReadonlySet<string>> {
  const [links, namespaces] = await Promise.all([
    listed(machine, ['link', 'show', 'group', String(group)], LINK),
    listed(machine, ['netns', 'list'], NAMESPACE),
  ]);
  const behind = new Set(links.map(({ link_netnsid }) => link_netnsid));
  return new Set(namespaces.flatMap(({ name, id }) => (id !== undefined && behind.has(id) ? [name] : [])));
}

async function listed<T>(machine: Machine, words: readonly string[], row: z.ZodType<T>): Promise<readonly T[]> {
  const { stdout } = await machine.run(['ip', '-json', ...words]);
  return z.array(row).parse(JSON.parse(stdout.trim() || '[]'));
}
