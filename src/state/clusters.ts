import * as z from 'zod';
import type { Cluster } from '../cluster/cluster.js';
import type { Resource } from '../cluster/resource.js';
import { ConflictError, MachineError, NotFoundError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';

/** Version of the files below; a newer one is refused rather than misread. */
const VERSION = 1;

const OPTION = z.object({ key: z.string(), value: z.string().nullable() });
const NODE = z.object({
  name: z.string(),
  index: z.number(),
  role: z.string(),
  group: z.string().nullable(),
  image: z.string(),
  server: z.string(),
  namespace: z.string(),
  address: z.string(),
  mac: z.string(),
  link: z.string(),
  ports: z.record(z.string(), z.number()),
  directory: z.string(),
  socket: z.string(),
  log: z.string(),
});
const CLUSTER = z.object({
  version: z.literal(VERSION),
  id: z.string().regex(/^[0-9a-f]{8}$/),
  name: z.string(),
  topology: z.string(),
  createdAt: z.string(),
  phase: z.enum(['creating', 'created', 'failed']),
  options: z.array(OPTION),
  memory: z.number().nullable(),
  durable: z.boolean(),
  settings: z.record(z.string(), z.unknown()).default({}),
  network: z.object({
    name: z.string(),
    subnet: z.string(),
    gateway: z.string(),
    bridge: z.string(),
    linkGroup: z.number(),
    uplinks: z.array(z.string()),
  }),
  nodes: z.array(NODE),
});
const RESOURCE = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('directory'), path: z.string() }),
  z.object({ kind: z.literal('netns'), name: z.string() }),
  z.object({ kind: z.literal('links'), group: z.number() }),
  z.object({ kind: z.literal('nft-table'), family: z.literal('inet'), name: z.string() }),
  z.object({ kind: z.literal('nft-rules'), family: z.string(), table: z.string(), chain: z.string() }),
  z.object({ kind: z.literal('processes'), namespace: z.string() }),
]);
const JOURNAL = z.object({ version: z.literal(VERSION), resources: z.array(RESOURCE) });

/** Where a cluster's files are; the kernel's lock on this directory is the cluster's lock. */
export function clusterDirectory(machine: Machine, name: string): string {
  return `${clustersDirectory(machine)}/${name}`;
}

function clustersDirectory(machine: Machine): string {
  return `${machine.roots.state}/clusters`;
}

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

/** Writes a new cluster with its journal and its password, wholly or not at all, under the machine's lock. */
export async function saveNewCluster(
  machine: Machine,
  cluster: Cluster,
  resources: readonly Resource[],
  password: string,
): Promise<void> {
  const directory = clusterDirectory(machine, cluster.name);
  if (machine.files.exists(directory)) throw new ConflictError(`The cluster '${cluster.name}' exists already.`);
  const draft = `${clustersDirectory(machine)}/.draft-${cluster.id}`;
  await machine.files.mkdir(draft);
  await machine.files.write(`${draft}/password`, `${password}\n`, { mode: 0o600 });
  await machine.files.write(`${draft}/journal.json`, JSON.stringify({ version: VERSION, resources }));
  await machine.files.replace(`${draft}/cluster.json`, textOf(cluster));
  await machine.files.rename(draft, directory);
}

export async function saveCluster(machine: Machine, cluster: Cluster): Promise<void> {
  await machine.files.replace(`${clusterDirectory(machine, cluster.name)}/cluster.json`, textOf(cluster));
}

function textOf(cluster: Cluster): string {
  return `${JSON.stringify({ version: VERSION, ...cluster }, null, 2)}\n`;
}

/** Names of all clusters, sorted. */
export async function clusterNames(machine: Machine): Promise<readonly string[]> {
  const entries = await machine.files.list(clustersDirectory(machine));
  return entries.filter(({ name, kind }) => kind === 'directory' && !name.startsWith('.')).map(({ name }) => name);
}

/** @throws NotFoundError naming the clusters that there are. */
export async function loadCluster(machine: Machine, name: string): Promise<Cluster> {
  const text = machine.files.read(`${clusterDirectory(machine, name)}/cluster.json`);
  if (text !== null) return read(CLUSTER, text, `${clusterDirectory(machine, name)}/cluster.json`);
  const names = await clusterNames(machine);
  const known = names.length === 0 ? 'There is no cluster at all.' : `There are: ${names.join(', ')}.`;
  throw new NotFoundError(`There is no cluster '${name}'. ${known}`, { suggestions: ['dbns list'] });
}

export async function loadClusters(machine: Machine): Promise<readonly Cluster[]> {
  const names = await clusterNames(machine);
  // One that is destroyed between the listing and the reading is simply not there.
  const loaded = await Promise.all(names.map((name) => loadCluster(machine, name).catch(nullWhenGone)));
  return loaded.flatMap((cluster) => cluster ?? []);
}

export function nullWhenGone(error: unknown): null {
  if (error instanceof NotFoundError) return null;
  throw error;
}

export function loadJournal(machine: Machine, name: string): readonly Resource[] {
  const file = `${clusterDirectory(machine, name)}/journal.json`;
  return read(JOURNAL, machine.files.read(file) ?? '', file).resources;
}

/** The password of the cluster's account; only root can read it. */
export function loadPassword(machine: Machine, name: string): string {
  return (machine.files.read(`${clusterDirectory(machine, name)}/password`) ?? '').replace(/\n$/, '');
}

/** Takes a cluster out of sight at once, and answers where its files lie until `sweep` removes them. */
export async function retireCluster(machine: Machine, { id, name }: Cluster): Promise<void> {
  await machine.files.rename(clusterDirectory(machine, name), `${clustersDirectory(machine)}/.retired-${id}`);
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

function read<T>(schema: z.ZodType<T>, text: string, file: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new MachineError(`${file} is damaged, or of another version of dbns.`, { cause: error });
  }
}
