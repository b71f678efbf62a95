import { basename, dirname } from 'node:path';
import { MARK_FILES, markOf, type Resource } from '../cluster/resource.js';
import { messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { ProcessIdentity } from '../host/processes.js';
import { removeLinks, removeNamespaces, removeRules, removeTable } from '../network/remove.js';
import { killAll } from '../process/find.js';

/** A resource that is still there, and why. */
export interface Leftover {
  readonly resource: string;
  readonly reason: string;
}

/**
 * Removes the resources of a journal, backwards; absent means done. One that can't be removed does not stop the others:
 * all are told. The same walk rolls back a `create` and destroys a cluster.
 */
export async function undo(
  machine: Machine,
  clusterId: string,
  journal: readonly Resource[],
  recorded: readonly ProcessIdentity[] = [],
): Promise<readonly Leftover[]> {
  const leftovers: Leftover[] = [];
  for (const batch of batches(journal)) {
    try {
      await removeBatch(machine, clusterId, batch, recorded);
    } catch (error) {
      leftovers.push({ resource: batch.map(describe).join(', '), reason: messageOf(error) });
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

async function removeBatch(
  machine: Machine,
  clusterId: string,
  batch: readonly Resource[],
  recorded: readonly ProcessIdentity[],
): Promise<void> {
  const [first] = batch;
  switch (first?.kind) {
    case 'processes':
      return killAll(
        machine,
        named(batch, 'processes', ({ namespace }) => namespace),
        recorded,
      );
    case 'netns':
      return removeNamespaces(
        machine,
        ownNamespaces(
          machine,
          clusterId,
          named(batch, 'netns', ({ name }) => name),
        ),
      );
    case 'directory':
      return removeDirectories(
        machine,
        clusterId,
        named(batch, 'directory', ({ path }) => path),
      );
    case 'links':
      return removeLinks(machine, first);
    case 'nft-table':
      return removeTable(machine, first, clusterId);
    case 'nft-rules':
      return removeRules(machine, first, clusterId);
    case undefined:
      return;
    default:
      first satisfies never;
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

/** A namespace is ours when the directory of its files bears our mark: that was made before it. */
function ownNamespaces(machine: Machine, clusterId: string, names: readonly string[]): readonly string[] {
  const present = names.filter((name) => machine.files.exists(`${machine.roots.netns}/${name}`));
  const foreign = present.filter((name) => !isMarked(machine, clusterId, `${machine.roots.netnsEtc}/${name}`));
  if (foreign.length > 0)
    throw new Error(`not ours, for want of a mark in ${machine.roots.netnsEtc}: ${foreign.join(', ')}`);
  return present;
}

/** One that can't be removed does not stop the others; the first that can't is told. */
async function removeDirectories(machine: Machine, clusterId: string, paths: readonly string[]): Promise<void> {
  const failures: unknown[] = [];
  for (const path of paths) {
    await removeDirectory(machine, clusterId, path).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw failures[0];
}

/** The mark goes last: a removal that is cut short can be taken up again. */
async function removeDirectory(machine: Machine, clusterId: string, path: string): Promise<void> {
  if (isMarkOfNamespace(machine, path))
    throw new Error(`it marks the namespace ${basename(path)}, which is still there`);
  if (isMarked(machine, clusterId, path)) {
    const entries = await machine.files.list(path);
    for (const { name } of entries.filter((entry) => !MARK_FILES.includes(entry.name)))
      await machine.files.remove(`${path}/${name}`);
    await machine.files.remove(path);
  } else if (!(await removeUnmarked(machine, path))) throw new Error('not ours: it has no mark of the cluster');
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
  return MARK_FILES.some((file) => machine.files.read(`${directory}/${file}`)?.includes(markOf(clusterId)) === true);
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
    case 'nft-table':
      return `nft table ${resource.name}`;
    case 'nft-rules':
      return `rules in the chain ${resource.chain} of ${resource.family} ${resource.table}`;
  }
}
