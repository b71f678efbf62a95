import { createHash } from 'node:crypto';
import type { ClusterSpec, Seat } from '../cluster/cluster.js';
import type { ServerBuild } from '../cluster/server.js';
import { assertClusterName } from '../cluster/names.js';
import { parseSubnet } from '../cluster/subnet.js';
import { UsageError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';
import { rootMounts } from '../images/root-mounts.js';
import { loadServer } from '../state/servers.js';
import type { FoundServer, NodeServer, PristineRecipe, Settled, Topology } from '../topologies/topology.js';

/**
 * Reads the words that need no look at the machine: the topology's own, settled, and the nodes that are wanted.
 * @throws UsageError for what can be told from the words alone.
 */
export function checkWords(spec: ClusterSpec, topology: Topology): Settled {
  if (spec.name !== undefined) assertClusterName(spec.name);
  const settled = topology.settle(spec);
  if (spec.subnet !== undefined) parseSubnet(spec.subnet, settled.seats.length);
  if (spec.password !== undefined && !/^[\x20-\x7e]{1,128}$/.test(spec.password)) {
    throw new UsageError('The password must be one line of 1 to 128 printable ASCII characters.');
  }
  for (const name of Object.keys(spec.nodeImages ?? {})) assertNode(name, settled.seats);
  return settled;
}

function assertNode(name: string, seats: readonly Seat[]): void {
  if (seats.some((seat) => seat.name === name)) return;
  throw new UsageError(`There is no ${name}: the nodes are node1 to node${seats.length}.`);
}

/** The server of each node, by name; each image is looked for once. */
export async function serversOf<T>(
  spec: ClusterSpec,
  topology: Topology,
  seats: readonly Seat[],
  find: (ref: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, Promise<T>>();
  const nodes = seats.map(async ({ name }): Promise<[string, T]> => {
    const ref = spec.nodeImages?.[name] ?? spec.image ?? topology.defaultImage;
    const server = found.get(ref) ?? find(ref);
    found.set(ref, server);
    return [name, await server];
  });
  return new Map(await Promise.all(nodes));
}

/** The server of an image: what its binary says, or said when a `create` asked it. */
export async function resolveServer(machine: Machine, topology: Topology, image: Image): Promise<FoundServer> {
  const mounts = await rootMounts(machine, image);
  const build = loadServer(machine, image.build, topology.kind.name) ?? (await topology.kind.inspect(machine, image));
  return { build, image, rootMounts: mounts };
}

/** How the pristine directory of each node is made; nodes of one group with one server share it. */
export function recipesOf(
  machine: Machine,
  topology: Topology,
  spec: Pick<ClusterSpec, 'options' | 'settings'>,
  servers: ReadonlyMap<string, FoundServer>,
  seats: readonly Seat[],
): ReadonlyMap<string, PristineRecipe> {
  const made = new Map<FoundServer, Map<string | null, PristineRecipe>>();
  const recipeOf = (server: FoundServer, group: string | null) => {
    const ofServer = made.get(server) ?? new Map<string | null, PristineRecipe>();
    const recipe = ofServer.get(group) ?? topology.pristine(machine, spec, server, group);
    made.set(server, ofServer.set(group, recipe));
    return recipe;
  };
  return new Map(
    seats.flatMap(({ name, group }) => {
      const server = servers.get(name);
      return server === undefined ? [] : [[name, recipeOf(server, group)] as const];
    }),
  );
}

/** Servers with their pristine directories, which may have to be made yet. */
export function withPristines(
  machine: Machine,
  servers: ReadonlyMap<string, FoundServer>,
  recipes: ReadonlyMap<string, PristineRecipe>,
): ReadonlyMap<string, NodeServer> {
  const pristineOf = (name: string) => pristineDirectory(machine, recipes.get(name)?.key ?? '');
  return new Map([...servers].map(([name, server]) => [name, { ...server, pristine: pristineOf(name) }]));
}

/** What is wanted, before the machine is looked at. */
export interface Wanted extends Settled {
  readonly topology: Topology;
  readonly spec: ClusterSpec;
}

/**
 * The server of each node, and how the directories that they are cloned from are made.
 * @throws UsageError when these servers can't be such a cluster.
 */
export async function equip(
  machine: Machine,
  { topology, spec, settings, seats }: Wanted,
  find: (ref: string) => Promise<FoundServer>,
): Promise<{ servers: ReadonlyMap<string, NodeServer>; recipes: readonly PristineRecipe[] }> {
  const found = await serversOf(spec, topology, seats, find);
  topology.check(buildsOf(found), { settings, options: spec.options ?? [], memory: spec.memory ?? null });
  const recipes = recipesOf(machine, topology, spec, found, seats);
  return { servers: withPristines(machine, found, recipes), recipes: [...new Set(recipes.values())] };
}

/** Where a pristine directory of this key is, or will be. */
export function pristineDirectory(machine: Machine, key: string): string {
  return `${pristinesDirectory(machine)}/${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

export function pristinesDirectory(machine: Machine): string {
  return `${machine.roots.state}/pristine`;
}

/** What `Topology.check` looks at. */
function buildsOf(servers: ReadonlyMap<string, Pick<FoundServer, 'build'>>): ReadonlyMap<string, ServerBuild> {
  return new Map([...servers].map(([name, { build }]) => [name, build]));
}
