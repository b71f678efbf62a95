import type { Cluster, Node } from '../cluster/cluster.js';
import { messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { ProcessIdentity } from '../host/processes.js';
import { findServers, type ServerProcess } from '../process/find.js';
import { clusterDirectory, loadCluster, loadClusters, loadPassword, nullWhenGone } from '../state/clusters.js';
import { saveRoles, withLastRoles } from '../state/roles.js';
import { topologyNamed } from '../topologies/registry.js';
import type { Health } from '../topologies/topology.js';
import { requireRoot } from './context.js';
import type { ClusterView, NodeView, ProcessState } from './view.js';

/** How long a node may take to answer, ms: one that hangs costs this and no more. */
const ANSWER_TIMEOUT = 900;

/** Asks all nodes of one cluster, or of all clusters, at once. */
export async function statusOf(machine: Machine, name?: string): Promise<readonly ClusterView[]> {
  requireRoot(machine, 'status');
  const clusters = name === undefined ? await loadClusters(machine) : [await loadCluster(machine, name)];
  return Promise.all(clusters.map((cluster) => viewCluster(machine, cluster)));
}

/** One cluster as it stands now. */
export async function viewCluster(machine: Machine, cluster: Cluster): Promise<ClusterView> {
  const servers = findServers(
    machine,
    cluster.nodes.map(({ namespace }) => namespace),
  );
  const running = cluster.nodes.filter(({ namespace }) => servers.get(namespace)?.state === 'running');
  const asked = { machine, cluster, password: loadPassword(machine, cluster.name) };
  const said = await topologyNamed(cluster.topology).health(asked, running, ANSWER_TIMEOUT);
  const last = withLastRoles(machine, cluster);
  const nodes = last.nodes.map((node) => viewNode(node, servers.get(node.namespace) ?? MISSING, said.get(node.name)));
  await rememberRoles(machine, last, nodes);
  return describeCluster(cluster, nodes, await stateOf(machine, cluster, nodes));
}

/** Should a node answer no more, its role is the one that it has now. */
async function rememberRoles(machine: Machine, last: Cluster, nodes: readonly NodeView[]): Promise<void> {
  if (last.phase !== 'created' || nodes.every(({ role }, position) => role === last.nodes[position]?.role)) return;
  await saveRoles(machine, last.name, Object.fromEntries(nodes.map(({ name, role }) => [name, role])));
}

const MISSING: ServerProcess = { state: 'missing', pid: null, memory: null };

function viewNode(node: Node, server: ServerProcess, said: Health | Error | undefined): NodeView {
  if (said === undefined) return describeNode(node, server, server.state);
  if (said instanceof Error) {
    return { ...describeNode(node, server, 'unresponsive'), status: { error: messageOf(said) } };
  }
  const { healthy, role = node.role, status } = said;
  return { ...describeNode(node, server, 'running'), role, roleKnown: true, healthy, status };
}

/** What is known of a node without asking its server. */
export function describeNode(
  node: Node,
  { pid, memory }: Pick<ServerProcess, 'pid' | 'memory'>,
  process: ProcessState,
): NodeView {
  const { name, group, role, image, server, address, ports, namespace, socket, log } = node;
  return {
    ...{ name, group, role, roleKnown: false, host: 'local', image, server, network: 'net1', address, ports },
    ...{ process, healthy: false, pid, namespace, socket, log, memoryBytes: memory, status: {} },
  };
}

export function describeCluster(
  cluster: Cluster,
  nodes: readonly NodeView[],
  state: ClusterView['state'],
): ClusterView {
  const { name, subnet, gateway, bridge } = cluster.network;
  return {
    name: cluster.name,
    topology: cluster.topology,
    state,
    createdAt: cluster.createdAt,
    networks: [{ name, subnet, gateway, bridge }],
    nodes,
  };
}

/** The state of a cluster, out of that of its nodes. */
export async function stateOf(
  machine: Machine,
  cluster: Cluster,
  nodes: readonly NodeView[],
): Promise<ClusterView['state']> {
  if (cluster.phase === 'failed') return 'failed';
  if (cluster.phase === 'creating') return creatingOrFailed(machine, cluster);
  if (nodes.every(({ healthy }) => healthy)) return 'running';
  return nodes.every(({ process }) => GONE.has(process)) ? 'stopped' : 'degraded';
}

const GONE: ReadonlySet<ProcessState> = new Set(['stopped', 'dead', 'missing']);

/** A `create` holds its cluster's lock until it has written that the cluster is there: one that nobody holds was killed. */
async function creatingOrFailed(machine: Machine, { name }: Cluster): Promise<'creating' | 'failed'> {
  const lock = await machine.lock(clusterDirectory(machine, name)).catch(nullWhenGone);
  await lock?.release();
  if (lock === null) return 'creating';
  const now = await loadCluster(machine, name).catch(nullWhenGone);
  return now?.phase === 'created' ? 'creating' : 'failed';
}

/** What tells the servers' processes from later ones, by node. */
export function identitiesOf(machine: Machine, { nodes }: ClusterView): Readonly<Record<string, ProcessIdentity>> {
  return Object.fromEntries(
    nodes.flatMap(({ name, pid }) => {
      const identity = pid === null ? null : machine.processes.identify(pid);
      return identity === null ? [] : [[name, identity]];
    }),
  );
}
