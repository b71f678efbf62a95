import * as v from 'valibot';
import { markOf, type Resource } from '../cluster/resource.js';
import { ofKind } from '../cluster/schemas.js';
import { LeftoverError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';

/** iproute2 prints an empty object for a link that its filter leaves out. */
const LINK = v.object({ ifname: v.optional(v.string()) });

type Of<K extends Resource['kind']> = Extract<Resource, { kind: K }>;

/** Removes all links of a group; none left means done. */
export async function removeLinks(machine: Machine, { group }: Of<'links'>): Promise<void> {
  const input = `link delete group ${group}
link show group ${group}
`;
  const { stdout } = await machine.run(['ip', '-force', '-json', '-batch', '-'], { input, allowFailure: true });
  const left = v.parse(v.array(LINK), JSON.parse(stdout || '[]')).flatMap(({ ifname }) => ifname ?? []);
  if (left.length > 0) throw new Error(`still there: ${left.join(', ')}`);
}

/** Removes one end of a veth pair, and with it the other; absent means done. */
export async function removeLink(machine: Machine, name: string): Promise<void> {
  await machine.run(['ip', 'link', 'delete', name], { allowFailure: true });
}

/** Removes namespaces; their interfaces go with them. */
export async function removeNamespaces(machine: Machine, names: readonly string[]): Promise<void> {
  const present = names.filter((name) => machine.files.exists(`${machine.roots.netns}/${name}`));
  if (present.length === 0) return;
  const input = present.map((name) => `netns delete ${name}\n`).join('');
  await machine.run(['ip', '-force', '-batch', '-'], { input, allowFailure: true });
  for (const name of present) {
    // A namespace whose making was cut short is a plain file: `ip netns` can't unmount it, and it holds nothing.
    const path = `${machine.roots.netns}/${name}`;
    if (machine.files.exists(path)) await machine.files.remove(path);
  }
}

/** Removes a table when its comment is the cluster's mark. */
export async function removeTable(
  machine: Machine,
  { family, name }: Of<'nft-table'>,
  clusterId: string,
): Promise<void> {
  const ours = await isMarkedTable(machine, { family, name }, markOf(clusterId));
  if (ours === null) return;
  if (!ours) {
    throw new LeftoverError('not ours: its comment is another', {
      suggestions: [`nft delete table ${family} ${name}`],
    });
  }
  await machine.run(['nft', 'delete', 'table', family, name]);
}

/** Whether a table's comment is this mark; null when there is no such table. Only nft's text shows it, not its JSON. */
export async function isMarkedTable(
  machine: Machine,
  { family, name }: { readonly family: string; readonly name: string },
  mark: string,
): Promise<boolean | null> {
  const text = await listing(machine, ['list', 'table', family, name]);
  return text?.includes(`comment "${mark}"`) ?? null;
}

const LISTING = v.object({ nftables: v.array(v.unknown()) });
const RULE = v.object({ rule: v.object({ handle: v.number(), comment: v.optional(v.string()) }) });

/** Removes our rules from another firewall's chain; a chain that is gone took them along. */
export async function removeRules(machine: Machine, resource: Of<'nft-rules'>, clusterId: string): Promise<void> {
  const { family, table, chain } = resource;
  const input = (await rulesIn(machine, resource, clusterId))
    .map(({ handle }) => `delete rule ${family} ${table} ${chain} handle ${handle}\n`)
    .join('');
  if (input !== '') await machine.run(['nft', '-f', '-'], { input });
}

/** Our rules in another firewall's chain; none where that is gone. */
export async function rulesIn(
  machine: Machine,
  { family, table, chain }: Pick<Of<'nft-rules'>, 'family' | 'table' | 'chain'>,
  clusterId: string,
): Promise<readonly { readonly handle: number }[]> {
  const text = await listing(machine, ['-j', '-a', 'list', 'chain', family, table, chain]);
  if (text === null) return [];
  const rules = ofKind(RULE, v.parse(LISTING, JSON.parse(text)).nftables);
  return rules.map(({ rule }) => rule).filter(({ comment }) => comment === markOf(clusterId));
}

/** What nft lists; null when it does not exist. */
export async function listing(machine: Machine, words: readonly string[]): Promise<string | null> {
  const { stdout, exitCode, stderr } = await machine.run(['nft', ...words], { allowFailure: true });
  if (exitCode === 0) return stdout;
  if (stderr.includes('No such file or directory')) return null;
  throw new Error(stderr.trim());
}
