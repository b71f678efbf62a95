import { cameUp, programsOf, type Cluster, type Network, type Node } from '../cluster/cluster.js';
import { ipv6Of } from '../cluster/family.js';
import { layoutOf, zoneOf } from '../cluster/zone.js';
import { isError, messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { ProcessIdentity } from '../host/processes.js';
import { findServers, type ServerProcess } from '../process/find.js';
import { unusable, type BrokenCluster } from '../state/broken.js';
import {
  clusterDirectory,
  isBroken,
  loadPassword,
  nullWhenGone,
  readCluster,
  readCreated,
  type SavedCluster,
} from '../state/clusters.js';
import { hasProcesses, saveProcesses } from '../state/processes.js';
import { saveRoles, withLastRoles } from '../state/roles.js';
import { exitOf, type Exit } from '../servers/exit.js';
import { topologyNamed } from '../topologies/registry.js';
import type { Health } from '../topologies/topology.js';
import { viewAttached } from './attached-view.js';
import { watchWork, type IsAtWork } from './at-work.js';
import { requireRoot } from './context.js';
import { faultsNow } from './ground/fault-view.js';
import { describeKept } from './keeping/kept-view.js';
import { ensureKeeper } from './keeping/keeper.js';
import { MISSING, processOf } from './node-process.js';
import { dropLost } from './removal/lost.js';
import { selectSaved } from './select.js';
import { yieldUplinks } from './ground/shared.js';
import { viewCompanions } from './keeping/companion-view.js';
import { runsUnwanted, type ClusterView, type NetworkView, type NodeSeen, type ProcessState } from './view.js';

/** How long a node may take to answer, ms: one that hangs costs this and no more. */
export const ANSWER_TIMEOUT = 900;
/** The same for nodes that have just answered, at the end of a `create` or `promote`: what is late there is the machine. */
export const PATIENT_ANSWER_TIMEOUT = 10_000;

/**
 * Asks all nodes of one cluster, or of all clusters, at once; each has `timeout` ms to answer. One that can't be looked
 * at never hides the others.
 */
export async function statusOf(
  machine: Machine,
  name?: string,
  timeout: number = ANSWER_TIMEOUT,
): Promise<readonly ClusterView[]> {
  requireRoot(machine, 'status');
  await yieldUplinks(machine);
  await dropLost(machine);
  const clusters = name === undefined ? await readCreated(machine) : [await selectSaved(machine, name)];
  return Promise.all(clusters.map((saved) => viewSaved(machine, saved, timeout)));
}

async function viewSaved(machine: Machine, saved: SavedCluster, timeout: number): Promise<ClusterView> {
  if (isBroken(saved)) return describeBroken(saved);
  try {
    if (cameUp(saved)) await ensureKeeper(machine, saved.name);
    const view = await viewCluster(machine, saved, timeout);
    await rememberProcesses(machine, saved, view);
    return view;
  } catch (error) {
    return describeBroken(unusable(machine, saved, error));
  }
}

/** A hint that is lost is made again. Who destroys the cluster meanwhile has taken its directory away. */
async function rememberProcesses(machine: Machine, { name, phase }: Cluster, view: ClusterView): Promise<void> {
  if (phase !== 'created' || hasProcesses(machine, name)) return;
  await saveProcesses(machine, name, identitiesOf(machine, view)).catch(() => undefined);
}

/** One cluster as it stands now; each node has `timeout` ms to answer. */
export async function viewCluster(machine: Machine, cluster: Cluster, timeout: number): Promise<ClusterView> {
  const servers = findServers(
    machine,
    programsOf(cluster).map(({ namespace }) => namespace),
  );
  const running = cluster.nodes.filter(({ namespace }) => servers.get(namespace)?.state === 'running');
  const asked = { machine, cluster, password: passwordOf(machine, cluster) };
  const isAtWork = watchWork(machine, [...servers.values()], timeout);
  const [said, companions] = await Promise.all([
    topologyNamed(cluster.topology).health(asked, running, timeout),
    viewCompanions(machine, cluster, servers, timeout),
  ]);
  const last = withLastRoles(machine, cluster);
  const nodes = last.nodes.map((node) => {
    const server = servers.get(node.namespace);
    const answer = said.get(node.name);
    if (server === undefined || answer === undefined) return describeUnasked(machine, node, server);
    return viewNode(node, server, answer, isAtWork);
  });
  await rememberRoles(machine, last, nodes);
  const state = await stateOf(machine, cluster, nodes);
  return describeCluster(cluster, nodes, state, {
    ...{ companions, attached: viewAttached(machine, cluster), faults: await faultsNow(machine, cluster) },
    ...describeKept(machine, cluster),
  });
}

/**
 * The cluster as it is now, each node asked for at most `timeout` ms. Which processes its servers are is kept: by them they
 * are found where namespaces lose their names.
 */
export async function settled(
  machine: Machine,
  cluster: Cluster,
  timeout: number = PATIENT_ANSWER_TIMEOUT,
): Promise<ClusterView> {
  await ensureKeeper(machine, cluster.name);
  const view = await viewCluster(machine, cluster, timeout);
  // A hint that is lost is made again: what was done is done.
  await saveProcesses(machine, cluster.name, identitiesOf(machine, view)).catch(() => undefined);
  return view;
}

/** Should a node answer no more, its role is the one that it has now. */
async function rememberRoles(machine: Machine, last: Cluster, nodes: readonly NodeSeen[]): Promise<void> {
  if (last.phase !== 'created' || nodes.every(({ role }, position) => role === last.nodes[position]?.role)) return;
  await saveRoles(machine, last.name, Object.fromEntries(nodes.map(({ name, role }) => [name, role])));
}

/** One that is lost keeps nobody from asking: most servers are asked over their sockets, as root. */
function passwordOf(machine: Machine, { name }: Cluster): string {
  try {
    return loadPassword(machine, name);
  } catch {
    return '';
  }
}

/** A node whose server was asked, with its answer or why there is none. */
export function viewNode(node: Node, server: ServerProcess, said: Health | Error, isAtWork: IsAtWork): NodeSeen {
  if (isError(said)) {
    const process = isAtWork(server) ? 'slow' : 'unresponsive';
    return { ...describeNode(node, server, process), status: { error: messageOf(said) } };
  }
  const { healthy, role = node.role, status } = said;
  return { ...describeNode(node, server, 'running'), role, roleKnown: true, healthy, status };
}

/** What is known of a node without asking its server, also how that ended. */
export function describeUnasked(machine: Machine, node: Node, server: ServerProcess = MISSING): NodeSeen {
  const exit = server.pid === null ? exitOf(machine, node) : null;
  return describeNode(node, server, processOf(node, server), exit);
}

/** A node in the one form that scripts see, but for its zone and its IPv6 address. */
export function describeNode(
  node: Node,
  { pid, memory }: Pick<ServerProcess, 'pid' | 'memory'>,
  process: ProcessState,
  exit: Exit | null = null,
): NodeSeen {
  const { name, group, role, phase, wanted, image, server, address, ports, namespace, socket, log } = node;
  return {
    ...{ name, group, role, roleKnown: false, host: 'local', image, server, network: 'net1', address, ports },
    ...{ phase, wanted, process, exit, healthy: false, pid, namespace, socket, log, memoryBytes: memory, status: {} },
  };
}

/** Who is beside the nodes, and what outlives commands; nothing of that is there where it is only planned. */
type Beside = Pick<ClusterView, 'companions' | 'attached' | 'links' | 'exposures' | 'faults' | 'lease' | 'keeper'>;

const NOBODY: Beside = {
  ...{ companions: [], attached: [], links: [], exposures: [], faults: [] },
  ...{ lease: null, keeper: null },
};

export function describeCluster(
  cluster: Cluster,
  nodes: readonly NodeSeen[],
  state: ClusterView['state'],
  beside: Beside = NOBODY,
): ClusterView {
  const { network } = cluster;
  return {
    name: cluster.name,
    topology: cluster.topology,
    state,
    createdAt: cluster.createdAt,
    networks: [describeNetwork(network)],
    nodes: nodes.map((node) => ({ ...node, zone: zoneOf(network, node).name, ipv6: ipv6Of(network, node) })),
    ...beside,
  };
}

/** A network in the one form that scripts see. */
export function describeNetwork(network: Network): NetworkView {
  const { name, subnet, ipv6, zones, lan } = network;
  const [whole] = zones.filter((zone) => zone.name === null);
  return {
    ...{ name, subnet, ipv6, layout: layoutOf(network), lan },
    ...{ gateway: whole?.gateway ?? null, bridge: whole?.bridge ?? null },
    zones: zones.flatMap(({ name: zone, gateway, ...rest }) =>
      zone === null || gateway === null ? [] : [{ ...rest, name: zone, gateway }],
    ),
  };
}

/** What is known of a cluster whose file can't be read: that it has a name. */
export function describeBroken({ name, why, advice, changedAt }: BrokenCluster): ClusterView {
  return {
    ...{ name, topology: 'unknown', state: 'broken', createdAt: changedAt },
    ...{ networks: [], nodes: [], ...NOBODY, broken: { why, advice } },
  };
}

/** The state of a cluster, out of that of its nodes: by those that are wanted running it is whole. */
export async function stateOf(
  machine: Machine,
  cluster: Cluster,
  nodes: readonly NodeSeen[],
): Promise<ClusterView['state']> {
  if (cluster.phase === 'failed' || cluster.phase === 'resetting') return cluster.phase;
  if (cluster.phase === 'creating') return creatingOrFailed(machine, cluster);
  const wanted = nodes.filter((node) => node.phase === 'added' && node.wanted === 'running');
  if (nodes.some(runsUnwanted) || !wanted.every(({ healthy }) => healthy)) return 'degraded';
  return wanted.length === 0 ? 'stopped' : 'running';
}

/** A `create` holds its cluster's lock until it has written that the cluster is there: one that nobody holds was killed. */
async function creatingOrFailed(machine: Machine, { name }: Cluster): Promise<'creating' | 'failed'> {
  const lock = await machine.lock(clusterDirectory(machine, name)).catch(nullWhenGone);
  await lock?.release();
  if (lock === null) return 'creating';
  const now = await readCluster(machine, name);
  return now !== null && !isBroken(now) && cameUp(now) ? 'creating' : 'failed';
}

const isOurs = ({ origin }: ClusterView['attached'][number]) => origin === 'command';

/** What tells the servers' processes from later ones, by node. */
export function identitiesOf(
  machine: Machine,
  { nodes, companions, attached }: Pick<ClusterView, 'nodes' | 'companions' | 'attached'>,
): Readonly<Record<string, ProcessIdentity>> {
  return Object.fromEntries(
    [...nodes, ...companions, ...attached.filter(isOurs)].flatMap(({ name, pid }) => {
      const identity = pid === null ? null : machine.processes.identify(pid);
      return identity === null ? [] : [[name, identity]];
    }),
  );
}
