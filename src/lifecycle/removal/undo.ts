import { basename, dirname } from 'node:path';
import { linkGroup } from '../../cluster/names.js';
import { MARK_FILES, markOf, type Resource } from '../../cluster/resource.js';
import { LeftoverError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import type { ProcessIdentity } from '../../host/processes.js';
import { namespacesBehind } from '../../network/behind.js';
import { bringHome, giveBack } from '../../network/lan/join.js';
import { removePort } from '../../network/lan/open-vswitch.js';
import { removeLinks, removeNamespaces, removeRules, removeTable } from '../../network/remove.js';
import { killAll } from '../../process/find.js';
import { endKeeper } from '../keeping/end-keeper.js';
import { leftoverOf, removeEach, type Leftover } from '../leftover.js';

/** What is removed, and how it is known to be the cluster's. */
interface Walk {
  readonly machine: Machine;
  readonly clusterId: string;
  readonly recorded: readonly ProcessIdentity[];
  readonly isOurs: (namespace: string) => boolean;
}

/** What ends first, for it uses the rest; and what the kernel's firewall holds, which none of the rest needs. */
const ALIVE: readonly Resource['kind'][] = ['keeper', 'processes'];
const FIREWALL: readonly Resource['kind'][] = ['nft-table', 'nft-rules'];

/**
 * Removes the resources of a journal, backwards; absent means done. One that can't be removed does not stop the others:
 * all are told. The same walk rolls back a `create` and destroys a cluster.
 * @param meanwhile what else may be removed when nothing runs any more, beside the rest
 */
export async function undo(
  machine: Machine,
  clusterId: string,
  journal: readonly Resource[],
  recorded: readonly ProcessIdentity[] = [],
  meanwhile: () => Promise<readonly Leftover[]> = () => Promise.resolve([]),
): Promise<readonly Leftover[]> {
  const walk = { machine, clusterId, recorded, isOurs: await ownershipOf(machine, clusterId, journal) };
  const of = (isIn: (kind: Resource['kind']) => boolean) => batches(journal.filter(({ kind }) => isIn(kind)));
  const running = await removeInOrder(
    walk,
    of((kind) => ALIVE.includes(kind)),
  );
  const left = await Promise.all([
    removeInOrder(
      walk,
      of((kind) => FIREWALL.includes(kind)),
    ),
    removeInOrder(
      walk,
      of((kind) => ![...ALIVE, ...FIREWALL].includes(kind)),
    ),
    running.length === 0 ? meanwhile() : [],
  ]);
  return [running, ...left].flat();
}

async function removeInOrder(walk: Walk, batches: readonly (readonly Resource[])[]): Promise<readonly Leftover[]> {
  const leftovers: Leftover[] = [];
  for (const batch of batches) {
    try {
      leftovers.push(...(await removeBatch(walk, batch)));
    } catch (error) {
      leftovers.push(leftoverOf(batch.map(describe).join(', '), error));
    }
  }
  return leftovers;
}

/** Backwards, with neighbours of one kind together where the machine takes them in one go. */
function batches(journal: readonly Resource[]): readonly (readonly Resource[])[] {
  const together = new Set<Resource['kind']>(['processes', 'netns', 'directory']);
  const found: Resource[][] = [];
  for (const resource of [...journal].reverse()) {
    const last = found.at(-1);
    if (last?.[0]?.kind === resource.kind && together.has(resource.kind)) last.push(resource);
    else found.push([resource]);
  }
  return found;
}

/** Answers what stayed; what a whole batch failed of is thrown. */
async function removeBatch(walk: Walk, batch: readonly Resource[]): Promise<readonly Leftover[]> {
  const { machine, clusterId, recorded, isOurs } = walk;
  const [first] = batch;
  switch (first?.kind) {
    case 'processes': {
      const namespaces = named(batch, 'processes', ({ namespace }) => namespace);
      await killAll(machine, namespaces.filter(isOurs), recorded);
      return [];
    }
    case 'netns':
      return removeOwnNamespaces(
        walk,
        named(batch, 'netns', ({ name }) => name),
      );
    case 'directory':
      return removeEach(
        named(batch, 'directory', ({ path }) => path),
        (path) => `directory ${path}`,
        (path) => removeDirectory(walk, path),
      );
    case 'joined':
      await giveBack(machine, first);
      return [];
    case 'links':
      await bringHome(machine, first.group);
      await removeLinks(machine, first);
      return [];
    case 'ovs-port':
      await removePort(machine, first.name, clusterId);
      return [];
    case 'keeper':
      await endKeeper(machine, first.directory);
      return [];
    case 'nft-table':
      await removeTable(machine, first, clusterId);
      return [];
    case 'nft-rules':
      await removeRules(machine, first, clusterId);
      return [];
    case undefined:
      return [];
    default:
      return first satisfies never;
  }
}

function named<K extends Resource['kind']>(
  batch: readonly Resource[],
  kind: K,
  name: (resource: Extract<Resource, { kind: K }>) => string,
) {
  const isOfKind = (resource: Resource): resource is Extract<Resource, { kind: K }> => resource.kind === kind;
  return batch.filter(isOfKind).map(name);
}

/**
 * A namespace is ours when the directory of its files bears our mark: that was made before it. Somebody may have
 * written those files anew; a link of ours that leads into it says so too.
 */
async function ownershipOf(
  machine: Machine,
  clusterId: string,
  journal: readonly Resource[],
): Promise<(namespace: string) => boolean> {
  const { roots, files } = machine;
  const isMarkedOurs = (name: string) => isMarked(machine, clusterId, `${roots.netnsEtc}/${name}`);
  const present = named(journal, 'netns', ({ name }) => name).filter((name) => files.exists(`${roots.netns}/${name}`));
  if (present.every(isMarkedOurs)) return isMarkedOurs;
  const linked = await namespacesBehind(machine, linkGroup(clusterId));
  return (name) => isMarkedOurs(name) || linked.has(name);
}

async function removeOwnNamespaces({ machine, isOurs }: Walk, names: readonly string[]): Promise<readonly Leftover[]> {
  const present = names.filter((name) => machine.files.exists(`${machine.roots.netns}/${name}`));
  await removeNamespaces(machine, present.filter(isOurs));
  const foreign = present.filter((name) => !isOurs(name));
  return foreign.map((name) => ({
    resource: `namespace ${name}`,
    reason: `not ours, for want of a mark in ${machine.roots.netnsEtc}/${name} and of a link of the cluster in it`,
    advice: [`ip netns pids ${name} | xargs -r kill; ip netns delete ${name}`],
  }));
}

/** The mark goes last: a removal that is cut short can be taken up again. */
async function removeDirectory({ machine, clusterId, isOurs }: Walk, path: string): Promise<void> {
  if (isMarkOfNamespace(machine, path))
    throw new Error(`it marks the namespace ${basename(path)}, which is still there`);
  if (isMarked(machine, clusterId, path) || (dirname(path) === machine.roots.netnsEtc && isOurs(basename(path)))) {
    const entries = await machine.files.list(path);
    for (const { name } of entries.filter((entry) => !MARK_FILES.includes(entry.name)))
      await machine.files.remove(`${path}/${name}`);
    await machine.files.remove(path);
  } else if (!(await removeUnmarked(machine, path))) {
    throw new LeftoverError('not ours: it has no mark of the cluster', { suggestions: [`rm -r ${path}`] });
  }
}

/** Without it nobody could tell that the namespace is ours, and it would stay for good. */
function isMarkOfNamespace({ roots, files }: Machine, path: string): boolean {
  return dirname(path) === roots.netnsEtc && files.exists(`${roots.netns}/${basename(path)}`);
}

/** A directory whose making was cut short is empty, or its mark is. */
async function removeUnmarked(machine: Machine, path: string): Promise<boolean> {
  for (const file of MARK_FILES.map((name) => `${path}/${name}`)) {
    if (machine.files.stat(file)?.size === 0) await machine.files.remove(file);
  }
  return machine.files.removeEmpty(path);
}

function isMarked(machine: Machine, clusterId: string, directory: string): boolean {
  return MARK_FILES.some((file) => markIn(machine, `${directory}/${file}`).includes(markOf(clusterId)));
}

/** What can't be read bears no mark. */
function markIn({ files }: Machine, file: string): string {
  try {
    return files.read(file) ?? '';
  } catch {
    return '';
  }
}

function describe(resource: Resource): string {
  switch (resource.kind) {
    case 'processes':
      return `processes in ${resource.namespace}`;
    case 'netns':
      return `namespace ${resource.name}`;
    case 'directory':
      return `directory ${resource.path}`;
    case 'links':
      return `links of group ${resource.group}`;
    case 'joined':
      return `${resource.link} in a bridge of the cluster`;
    case 'ovs-port':
      return `port ${resource.name} of Open vSwitch`;
    case 'keeper':
      return `the keeper of ${resource.directory}`;
    case 'nft-table':
      return `nft table ${resource.family} ${resource.name}`;
    case 'nft-rules':
      return `rules in the chain ${resource.chain} of ${resource.family} ${resource.table}`;
  }
}
