import path from 'node:path';
import { isBorrowedNamespace, isNamespaceOf, linkGroup, stemOf, tableName } from '../../cluster/names.js';
import { TABLE_FAMILIES, type Resource, type TableFamily } from '../../cluster/resource.js';
import type { Machine } from '../../host/machine.js';

/** A thing on the machine that has a name or a mark as clusters give them; `id` is the cluster's by its mark. */
export type Thing = { readonly id: string | null } & (
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly name: string; readonly group: number }
  | { readonly kind: 'port'; readonly name: string }
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'table'; readonly family: string; readonly name: string }
  | { readonly kind: 'rules'; readonly family: string; readonly table: string; readonly chain: string }
);

/** A cluster as its things know it; the id of a broken one may not be known. */
export interface Owner {
  readonly id: string | null;
  readonly name: string;
}

/** Whether a cluster answers for a thing. A mark says whose it is; what has none is told by its name. */
export function belongsTo(machine: Pick<Machine, 'roots'>, owner: Owner, thing: Thing): boolean {
  return thing.id === null ? bearsName(machine, owner, thing) : thing.id === owner.id;
}

/** The marks on things that have a cluster's name: its id, when nobody else says it. */
export function idsNamed(machine: Pick<Machine, 'roots'>, name: string, things: readonly Thing[]): readonly string[] {
  const named = things.filter((thing) => bearsName(machine, { id: null, name }, thing));
  return [...new Set(named.flatMap(({ id }) => id ?? []))];
}

function bearsName({ roots }: Pick<Machine, 'roots'>, { id, name }: Owner, thing: Thing): boolean {
  switch (thing.kind) {
    case 'directory': {
      const [parent, base] = [path.dirname(thing.path), path.basename(thing.path)];
      return parent === roots.run ? base === name : isNamespaceOf(name, base);
    }
    case 'link':
      return id !== null && (thing.group === linkGroup(id) || thing.name.startsWith(stemOf(id)));
    case 'port':
      return id !== null && thing.name.startsWith(stemOf(id));
    case 'namespace':
      return isNamespaceOf(name, thing.name);
    case 'table':
      return thing.name === tableName(name);
    case 'rules':
      return false;
  }
}

/** Those that can be removed by their mark, by cluster; and those that are not surely ours. */
export function sortThings(things: readonly Thing[]) {
  const marked = new Map<string, readonly Thing[]>();
  const unmarked: Thing[] = [];
  for (const thing of things) {
    if (thing.id !== null && isRemovable(thing, thing.id, things))
      marked.set(thing.id, [...(marked.get(thing.id) ?? []), thing]);
    else unmarked.push(thing);
  }
  return { marked, unmarked };
}

/** Links go by their group: all of it must bear the mark. Clusters make tables of a few families alone. */
function isRemovable(thing: Thing, id: string, all: readonly Thing[]): boolean {
  if (thing.kind === 'table') return familyOf(thing.family) !== null;
  if (thing.kind !== 'link') return true;
  const group = all.filter((other) => other.kind === 'link' && other.group === thing.group);
  return thing.group === linkGroup(id) && group.every((other) => other.id === id);
}

function familyOf(word: string): TableFamily | null {
  return TABLE_FAMILIES.find((family) => family === word) ?? null;
}

/** The journal that a cluster with these things would have, in the order in which `create` makes them. */
export function journalOf(things: readonly Thing[]): readonly Resource[] {
  const order: readonly Resource['kind'][] = [
    'directory',
    'ovs-port',
    'links',
    'netns',
    'nft-table',
    'nft-rules',
    'processes',
  ];
  return things.flatMap(resourcesOf).sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
}

function resourcesOf(thing: Thing): readonly Resource[] {
  switch (thing.kind) {
    case 'directory':
      return [{ kind: 'directory', path: thing.path }];
    case 'link':
      return [{ kind: 'links', group: thing.group }];
    case 'port':
      return [{ kind: 'ovs-port', name: thing.name }];
    case 'namespace':
      return [
        { kind: 'netns', name: thing.name },
        ...(isBorrowedNamespace(thing.name) ? [] : [{ kind: 'processes' as const, namespace: thing.name }]),
      ];
    case 'table': {
      const family = familyOf(thing.family);
      return family === null ? [] : [{ kind: 'nft-table', family, name: thing.name }];
    }
    case 'rules':
      return [{ kind: 'nft-rules', family: thing.family, table: thing.table, chain: thing.chain }];
  }
}

export function titleOf(thing: Thing): string {
  switch (thing.kind) {
    case 'directory':
      return thing.path;
    case 'link':
      return `link ${thing.name}`;
    case 'port':
      return `port ${thing.name} of Open vSwitch`;
    case 'namespace':
      return `namespace ${thing.name}`;
    case 'table':
      return `nft table ${thing.family} ${thing.name}`;
    case 'rules':
      return `rules in ${thing.chain} of ${thing.family} ${thing.table}`;
  }
}

/** What removes it by hand. */
export function commandFor(thing: Thing): string {
  switch (thing.kind) {
    case 'directory':
      return `rm -r ${thing.path}`;
    case 'link':
      return `ip link delete ${thing.name}`;
    case 'port':
      return `ovs-vsctl --if-exists del-port ${thing.name}`;
    case 'namespace':
      return `ip netns delete ${thing.name}`;
    case 'table':
      return `nft delete table ${thing.family} ${thing.name}`;
    case 'rules':
      return `nft -a list chain ${thing.family} ${thing.table} ${thing.chain}`;
  }
}
