import { createHash } from 'node:crypto';
import { nodeNames, type ClusterSpec, type Settings } from '../cluster/cluster.js';
import type { ServerBuild } from '../cluster/server.js';
import { assertClusterName } from '../cluster/names.js';
import { parseSubnet } from '../cluster/subnet.js';
import { UsageError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';
import { rootMounts } from '../images/root-mounts.js';
import { loadServer } from '../state/servers.js';
import type { NodeServer, PristineRecipe, Topology } from '../topologies/topology.js';

/**
 * Reads the words that need no look at the machine, and answers the topology's own, settled.
 * @throws UsageError for what can be told from the words alone.
 */
export function checkWords(spec: ClusterSpec, topology: Topology): Settings {
  if (spec.name !== undefined) assertClusterName(spec.name);
  const { least, most } = topology.nodes;
  const count = spec.nodes ?? topology.nodes.default;
  if (!Number.isInteger(count) || count < least || count > most) {
    throw new UsageError(`--nodes ${count}: a ${topology.name} cluster has ${least} to ${most} nodes.`);
  }
  if (spec.subnet !== undefined) parseSubnet(spec.subnet, count);
  if (spec.password !== undefined && !/^[\x20-\x7e]{1,128}$/.test(spec.password)) {
    throw new UsageError('The password must be one line of 1 to 128 printable ASCII characters.');
  }
  const names = nodeNames(count);
  for (const name of Object.keys(spec.nodeImages ?? {})) assertNode(name, names);
  return topology.settle(spec, names);
}

function assertNode(name: string, names: readonly string[]): void {
  if (!names.includes(name)) throw new UsageError(`There is no ${name}: the nodes are node1 to node${names.length}.`);
}

/** The names of the nodes that are wanted. */
function wantedNodes(spec: ClusterSpec, topology: Topology): readonly string[] {
  return nodeNames(spec.nodes ?? topology.nodes.default);
}

/** The server of each node, by name; each image is looked for once. */
export async function serversOf<T>(
  spec: ClusterSpec,
  topology: Topology,
  find: (ref: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, Promise<T>>();
  const nodes = wantedNodes(spec, topology).map(async (name): Promise<[string, T]> => {
    const ref = spec.nodeImages?.[name] ?? spec.image ?? topology.defaultImage;
    const server = found.get(ref) ?? find(ref);
    found.set(ref, server);
    return [name, await server];
  });
  return new Map(await Promise.all(nodes));
}

/** A server, before it is known which directory its nodes are cloned from. */
export type FoundServer = Omit<NodeServer, 'pristine'>;

/** The server of an image: what its binary says, or said when a `create` asked it. */
export async function resolveServer(machine: Machine, topology: Topology, image: Image): Promise<FoundServer> {
  const mounts = await rootMounts(machine, image);
  const build = loadServer(machine, image.build) ?? (await topology.inspect(machine, image));
  return { build, image, rootMounts: mounts };
}

/** How the pristine directory of each server is made; nodes share servers. */
export function recipesOf(
  machine: Machine,
  topology: Topology,
  spec: Pick<ClusterSpec, 'options'>,
  servers: ReadonlyMap<string, FoundServer>,
): ReadonlyMap<FoundServer, PristineRecipe> {
  return new Map([...new Set(servers.values())].map((server) => [server, topology.pristine(machine, spec, server)]));
}

/** Servers with their pristine directories, which may have to be made yet. */
export function withPristines(
  machine: Machine,
  servers: ReadonlyMap<string, FoundServer>,
  recipes: ReadonlyMap<FoundServer, PristineRecipe>,
): ReadonlyMap<string, NodeServer> {
  const pristineOf = (server: FoundServer) => pristineDirectory(machine, recipes.get(server)?.key ?? '');
  return new Map([...servers].map(([name, server]) => [name, { ...server, pristine: pristineOf(server) }]));
}

/** Where a pristine directory of this key is, or will be. */
export function pristineDirectory(machine: Machine, key: string): string {
  return `${pristinesDirectory(machine)}/${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

export function pristinesDirectory(machine: Machine): string {
  return `${machine.roots.state}/pristine`;
}

/** What `Topology.check` looks at. */
export function buildsOf(servers: ReadonlyMap<string, Pick<FoundServer, 'build'>>): ReadonlyMap<string, ServerBuild> {
  return new Map([...servers].map(([name, { build }]) => [name, build]));
}
