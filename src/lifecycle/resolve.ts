import { createHash } from 'node:crypto';
import type { ClusterSpec, Seat } from '../cluster/cluster.js';
import type { ServerBuild } from '../cluster/server.js';
import { assertMtu } from '../cluster/mtu.js';
import { assertClusterName } from '../cluster/names.js';
import { formatSubnet, parsePool, parseSubnet } from '../cluster/subnet.js';
import { UsageError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';
import { rootMounts } from '../images/root-mounts.js';
import { checkChosen } from '../network/chosen.js';
import { assertLanWords } from '../network/lan/lan.js';
import { assertShape, divide, spread } from '../network/zones.js';
import { assertOwnFiles } from '../servers/mysqld/own-files.js';
import { valueOf } from '../servers/mysqld/options.js';
import { requiresTls, withTlsOptions } from '../servers/mysqld/tls.js';
import { loadServer } from '../state/servers.js';
import type { NodeServer, PristineRecipe, Settled, Topology } from '../topologies/topology.js';

/**
 * Reads the words that need no look at the machine: the topology's own, settled, and the nodes that are wanted.
 * @throws UsageError for what can be told from the words alone.
 */
export function checkWords(words: ClusterSpec, topology: Topology): Settled & { readonly spec: ClusterSpec } {
  assertTls(words, topology);
  const spec = withTlsOptions(words);
  if (spec.name !== undefined) assertClusterName(spec.name);
  const settled = topology.settle(spec);
  if (spec.pool !== undefined) parsePool(spec.pool);
  if (spec.mtu !== undefined) assertMtu(spec.mtu);
  assertShape(spec);
  assertLanWords(spec);
  for (const name of Object.keys(spec.nodeZones ?? {})) assertNode(name, settled.seats);
  checkAddresses(spec, settled.seats);
  if (spec.password !== undefined && !/^[\x20-\x7e]{1,128}$/.test(spec.password)) {
    throw new UsageError('The password must be one line of 1 to 128 printable ASCII characters.');
  }
  for (const name of Object.keys(spec.nodeImages ?? {})) assertNode(name, settled.seats);
  return { ...settled, spec };
}

function assertTls({ tls, clusterTls = false, topology: name, options = [] }: ClusterSpec, { kind }: Topology): void {
  if (tls === undefined && !clusterTls) return;
  const flag = clusterTls ? '--cluster-tls' : '--tls';
  if (kind.reloadTls === undefined) throw new UsageError(`${flag}: ${name} has no TLS of dbns's own.`);
  if (tls === 'none' && clusterTls)
    throw new UsageError('--tls none and --cluster-tls: nodes would have no certificates.');
  if (clusterTls && valueOf(options, 'ssl_cert') !== null)
    throw new UsageError('--cluster-tls, and ssl_cert: nodes verify each other by the CA of the cluster.');
  if (tls === 'none' && requiresTls(options))
    throw new UsageError('--tls none, and require_secure_transport: nobody could come in.');
}

/** Addresses are chosen inside a subnet that is named: which one is free is known only when the machine was looked at. */
function checkAddresses(spec: ClusterSpec, seats: readonly Seat[]): void {
  const { subnet: text, addresses = {} } = spec;
  const subnet = text === undefined ? null : parseSubnet(text, seats.length);
  for (const name of Object.keys(addresses)) assertNode(name, seats);
  // What a LAN has is known when the machine was looked at.
  if (spec.bridgeTo !== undefined) return;
  if (subnet !== null) {
    const network = { subnet: formatSubnet(subnet), zones: divide(subnet, NOBODY, spec) };
    checkChosen(addresses, network);
    spread(network, seats, { zones: spec.nodeZones ?? {}, addresses });
  } else if (Object.keys(addresses).length > 0) {
    throw new UsageError('An address is chosen inside a subnet: say which.', {
      suggestions: ['--subnet 10.50.0.0/24'],
    });
  }
}

/** A cluster that has no id yet. */
const NOBODY = '00000000';

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
export async function resolveServer(
  machine: Machine,
  { kind }: Pick<Topology, 'kind'>,
  image: Image,
): Promise<NodeServer> {
  const mounts = await rootMounts(machine, image);
  const build = loadServer(machine, image.build, kind) ?? (await kind.inspect(machine, image));
  return { build, image, rootMounts: mounts };
}

/** How the pristine directory of each node is made; nodes of one group with one server share it. */
export function recipesOf(
  machine: Machine,
  topology: Topology,
  spec: Pick<ClusterSpec, 'options' | 'settings'>,
  servers: ReadonlyMap<string, NodeServer>,
  seats: readonly Seat[],
): ReadonlyMap<string, PristineRecipe> {
  const made = new Map<NodeServer, Map<string | null, PristineRecipe>>();
  const origin = topology.origin?.([...servers.values()]);
  const recipeOf = (server: NodeServer, group: string | null) => {
    const ofServer = made.get(server) ?? new Map<string | null, PristineRecipe>();
    const recipe = ofServer.get(group) ?? topology.pristine(machine, spec, server, group);
    made.set(server, ofServer.set(group, recipe));
    return recipe;
  };
  return new Map(
    seats.flatMap(({ name, group }) => {
      const server = origin ?? servers.get(name);
      return server === undefined ? [] : [[name, recipeOf(server, group)] as const];
    }),
  );
}

/** What is wanted, before the machine is looked at. */
export interface Wanted extends Settled {
  readonly topology: Topology;
  readonly spec: ClusterSpec;
}

/** By node: its server, and how the directory is made that it is cloned from. */
export interface Equipment {
  readonly servers: ReadonlyMap<string, NodeServer>;
  readonly recipes: ReadonlyMap<string, PristineRecipe>;
}

/**
 * The server of each node, and how the directory that it is cloned from is made; nodes share recipes.
 * @throws UsageError when these servers can't be such a cluster.
 */
export async function equip(
  machine: Machine,
  { topology, spec, settings, seats }: Wanted,
  find: (ref: string) => Promise<NodeServer>,
): Promise<Equipment> {
  const found = await serversOf(spec, topology, seats, find);
  const { options = [], memory = null } = spec;
  topology.check(buildsOf(found), { settings, options, memory });
  for (const server of new Set(found.values())) await assertOwnFiles(machine, server, options);
  return { servers: found, recipes: recipesOf(machine, topology, spec, found, seats) };
}

/** Where a pristine directory of this key is, or will be. */
export function pristineDirectory(machine: Machine, key: string): string {
  return `${pristinesDirectory(machine)}/${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

export function pristinesDirectory(machine: Machine): string {
  return `${machine.roots.state}/pristine`;
}

/** What `Topology.check` looks at. */
export function buildsOf(servers: ReadonlyMap<string, Pick<NodeServer, 'build'>>): ReadonlyMap<string, ServerBuild> {
  return new Map([...servers].map(([name, { build }]) => [name, build]));
}
