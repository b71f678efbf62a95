import type { Cluster } from '../cluster/cluster.js';
import { isClusterName } from '../cluster/names.js';
import type { Resource } from '../cluster/resource.js';
import { ConflictError, MachineError, NotFoundError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { broken, disagreement, type BrokenCluster } from './broken.js';
import { CLUSTER, JOURNAL } from './cluster-format.js';
import { clusterDirectory, clusterFile, clustersDirectory } from './places.js';
import { readRecord, textOf, writeRecord, type Recorded } from './record.js';
import { isStandby } from './standby.js';

export { clusterDirectory } from './places.js';

/** A cluster as it is saved, or what is wrong with it: one that can't be read never hides the others. */
export type SavedCluster = Cluster | BrokenCluster;

/**
 * Makes the directory of all clusters. ext4 looks for a free inode close to the directory of the new file, and past each
 * one that was freed in the last minutes: a clone's 200 files took 0.2 s where a cluster had just been destroyed, 0.07 s
 * elsewhere. With the attribute T it lays each new directory in here somewhere else, by its name (a draft's is random).
 */
export async function makeHome(machine: Machine): Promise<void> {
  const made = await machine.files.mkdirAll(clustersDirectory(machine));
  if (made === undefined || machine.which('chattr') === null) return;
  await machine.run(['chattr', '+T', clustersDirectory(machine)], { allowFailure: true });
}

/**
 * Writes a new cluster with its journal and its password, wholly or not at all, under the machine's lock. When it
 * returns a power cut takes none of them: what the cluster will make is found again.
 * @param prepare is given the directory of the draft, before anybody sees a cluster
 */
export async function saveNewCluster(
  machine: Machine,
  cluster: Cluster,
  resources: readonly Resource[],
  password: string,
  prepare?: (draft: string) => Promise<void>,
): Promise<void> {
  const directory = clusterDirectory(machine, cluster.name);
  if (machine.files.exists(directory)) throw new ConflictError(`The cluster '${cluster.name}' exists already.`);
  const draft = `${clustersDirectory(machine)}/.draft-${cluster.id}`;
  await machine.files.mkdir(draft);
  await machine.files.replace(`${draft}/password`, `${password}\n`, { mode: 0o600 });
  await machine.files.replace(`${draft}/journal.json`, textOf(JOURNAL, { resources }));
  await machine.files.replace(`${draft}/cluster.json`, textOf(CLUSTER, cluster));
  await prepare?.(draft);
  await machine.files.rename(draft, directory);
  await machine.files.sync(clustersDirectory(machine));
}

export async function saveCluster(machine: Machine, cluster: Cluster): Promise<void> {
  await writeRecord(machine, clusterFile(machine, cluster.name), CLUSTER, cluster);
}

/** Names of all clusters, broken ones too, sorted. Whatever has such a name counts, for it is in a cluster's place. */
export async function clusterNames(machine: Machine): Promise<readonly string[]> {
  const entries = await machine.files.list(clustersDirectory(machine));
  return entries.map(({ name }) => name).filter(isClusterName);
}

/** Names of the clusters that somebody created: standbys are nobody's yet. */
export async function createdNames(machine: Machine): Promise<readonly string[]> {
  return (await clusterNames(machine)).filter((name) => !isStandby(machine, name));
}

/** Names of the clusters that stand by. */
export async function standbyNames(machine: Machine): Promise<readonly string[]> {
  return (await clusterNames(machine)).filter((name) => isStandby(machine, name));
}

/** Null when there is none of that name. */
export async function readCluster(machine: Machine, name: string): Promise<SavedCluster | null> {
  const entries = await machine.files.list(clustersDirectory(machine));
  const entry = entries.find((candidate) => candidate.name === name && isClusterName(name));
  if (entry === undefined) return null;
  const place = clusterDirectory(machine, name);
  if (entry.kind !== 'directory') return broken(machine, name, `${place} is not a directory.`);
  const file = clusterFile(machine, name);
  const found = readRecord(machine, file, CLUSTER);
  switch (found.kind) {
    case 'whole': {
      const amiss = disagreement(machine, name, found.content);
      return amiss === null ? found.content : broken(machine, name, amiss, found.content.name);
    }
    case 'damaged':
      return broken(machine, name, found.why);
    case 'absent':
      // One that is destroyed between the listing and the reading is simply not there.
      return machine.files.exists(place) ? broken(machine, name, `There is no ${file}.`) : null;
  }
}

/** All clusters that the machine has, standbys too, by name. */
export async function readClusters(machine: Machine): Promise<readonly SavedCluster[]> {
  return readNamed(machine, await clusterNames(machine));
}

/** Those that somebody created. */
export async function readCreated(machine: Machine): Promise<readonly SavedCluster[]> {
  return readNamed(machine, await createdNames(machine));
}

async function readNamed(machine: Machine, names: readonly string[]): Promise<readonly SavedCluster[]> {
  const found = await Promise.all(names.map((name) => readCluster(machine, name)));
  return found.filter((saved) => saved !== null);
}

export function isBroken(saved: SavedCluster): saved is BrokenCluster {
  return 'why' in saved;
}

/** Those that can be read. */
export async function loadClusters(machine: Machine): Promise<readonly Cluster[]> {
  return (await readClusters(machine)).flatMap((saved) => (isBroken(saved) ? [] : [saved]));
}

/** @throws NotFoundError naming the clusters that there are; MachineError when it is broken. */
export async function loadCluster(machine: Machine, name: string): Promise<Cluster> {
  const saved = await readCluster(machine, name);
  if (saved === null) throw await noCluster(machine, name);
  if (!isBroken(saved)) return saved;
  throw new MachineError(`The cluster '${name}' is broken. ${saved.why}`, { suggestions: saved.advice });
}

/** The error for a name that no cluster has. */
export async function noCluster(machine: Machine, name: string): Promise<NotFoundError> {
  if (isStandby(machine, name)) {
    const suggestions = ['dbns standby list'];
    return new NotFoundError(`'${name}' is a standby: nobody created that cluster yet.`, { suggestions });
  }
  const names = await createdNames(machine);
  const known = names.length === 0 ? 'There is no cluster at all.' : `There are: ${names.join(', ')}.`;
  return new NotFoundError(`There is no cluster '${name}'. ${known}`, { suggestions: ['dbns list'] });
}

export function nullWhenGone(error: unknown): null {
  if (error instanceof NotFoundError) return null;
  throw error;
}

/** Adds what is about to be made to what a cluster made, for good. Under the machine's lock. */
export async function addToJournal(machine: Machine, name: string, resources: readonly Resource[]): Promise<void> {
  const journal = readJournal(machine, name);
  if (journal.kind !== 'whole')
    throw new MachineError(`The journal of the cluster '${name}' can't be read.`, {
      suggestions: [`dbns destroy ${name}`],
    });
  const known = new Set(journal.content.resources.map((resource) => JSON.stringify(resource)));
  const fresh = resources.filter((resource) => !known.has(JSON.stringify(resource)));
  if (fresh.length === 0) return;
  await writeRecord(machine, journalFile(machine, name), JOURNAL, {
    resources: [...journal.content.resources, ...fresh],
  });
}

/** Takes what is gone from what a cluster made. Under the machine's lock. */
export async function takeFromJournal(machine: Machine, name: string, resources: readonly Resource[]): Promise<void> {
  const journal = readJournal(machine, name);
  if (journal.kind !== 'whole') return;
  const gone = new Set(resources.map((resource) => JSON.stringify(resource)));
  const left = journal.content.resources.filter((resource) => !gone.has(JSON.stringify(resource)));
  if (left.length < journal.content.resources.length)
    await writeRecord(machine, journalFile(machine, name), JOURNAL, { resources: left });
}

function journalFile(machine: Machine, name: string): string {
  return `${clusterDirectory(machine, name)}/journal.json`;
}

/** What a cluster made, as it was written down before it was made. */
export function readJournal(machine: Machine, name: string): Recorded<{ readonly resources: readonly Resource[] }> {
  return readRecord(machine, journalFile(machine, name), JOURNAL);
}

/**
 * The password of the cluster's account; only root can read it.
 * @throws MachineError when it is lost.
 */
export function loadPassword(machine: Machine, name: string): string {
  const file = `${clusterDirectory(machine, name)}/password`;
  const password = machine.files.read(file)?.replace(/\n$/, '') ?? '';
  if (password !== '') return password;
  throw new MachineError(`The password of the cluster '${name}' is lost: ${file} is empty, or not there.`, {
    suggestions: [`Write it there again, or: dbns destroy ${name}`],
  });
}

/** What a cluster has besides its own few files: the nodes' directories. */
export async function nodeDirectories(machine: Machine, name: string): Promise<readonly string[]> {
  const place = clusterDirectory(machine, name);
  const entries = (await isDirectory(machine, name)) ? await machine.files.list(place) : [];
  return entries.filter(({ kind }) => kind === 'directory').map((entry) => `${place}/${entry.name}`);
}

/** Whether what has a cluster's place is a directory, and so can be locked. */
export async function isDirectory(machine: Machine, name: string): Promise<boolean> {
  const entries = await machine.files.list(clustersDirectory(machine));
  return entries.some((entry) => entry.name === name && entry.kind === 'directory');
}

/** Takes a cluster out of sight at once; its files lie under another name until they are swept. */
export async function retireCluster(
  machine: Machine,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<void> {
  await machine.files.rename(clusterDirectory(machine, name), retiredDirectory(machine, id));
}

/** Where the files of a cluster lie that is gone. */
export function retiredDirectory(machine: Machine, id: string): string {
  return `${clustersDirectory(machine)}/.retired-${id}`;
}

/** Removes the directory of all clusters when nothing is left in it. Under the machine's lock. */
export async function removeEmptyHome(machine: Machine): Promise<void> {
  await machine.files.removeEmpty(clustersDirectory(machine));
}

/** Whether the directory of all clusters is there and empty. */
export async function isHomeEmpty(machine: Machine): Promise<boolean> {
  const directory = clustersDirectory(machine);
  return machine.files.exists(directory) && (await machine.files.list(directory)).length === 0;
}

/** Drafts and retired directories; those of a dead `create` or `destroy` stay until somebody sweeps. */
export async function unsweptDirectories(machine: Machine): Promise<readonly string[]> {
  const entries = await machine.files.list(clustersDirectory(machine));
  return entries
    .filter(({ name }) => /^\.(draft|retired)-/.test(name))
    .map(({ name }) => `${clustersDirectory(machine)}/${name}`);
}
