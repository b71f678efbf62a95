import { programsOf, type Cluster, type Node, type Program } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import type { ProcessIdentity } from '../../host/processes.js';
import { findServers, isSame, type ServerProcess } from '../../process/find.js';
import { isBroken, readCreated, type SavedCluster } from '../../state/clusters.js';
import { loadProcesses } from '../../state/processes.js';
import { withLastRoles } from '../../state/roles.js';
import { viewAttached } from '../attached-view.js';
import { describeKept } from '../keeping/kept-view.js';
import { faultsNow } from '../ground/fault-view.js';
import { dropLost } from '../removal/lost.js';
import { yieldUplinks } from '../ground/shared.js';
import { describeCompanion } from '../keeping/companion-view.js';
import { describeBroken, describeCluster, describeUnasked, stateOf } from '../status.js';
import type { ClusterView, NodeSeen } from '../view.js';

/** All clusters as they are saved, with their processes. Asks no server and needs no root. */
export async function listClusters(machine: Machine): Promise<readonly ClusterView[]> {
  if (machine.isRoot) await yieldUplinks(machine);
  await dropLost(machine);
  const clusters = await readCreated(machine);
  return Promise.all(clusters.map((saved) => listCluster(machine, saved)));
}

async function listCluster(machine: Machine, cluster: SavedCluster): Promise<ClusterView> {
  if (isBroken(cluster)) return describeBroken(cluster);
  const namespaces = programsOf(cluster).map(({ namespace }) => namespace);
  const found = machine.isRoot ? findServers(machine, namespaces) : recordedServers(machine, cluster);
  const nodes = withLastRoles(machine, cluster).nodes.map((node) => listNode(machine, node, found.get(node.namespace)));
  const companions = cluster.companions.map((one) =>
    describeCompanion(machine, cluster, one, found.get(one.namespace)),
  );
  const state = await stateOf(machine, cluster, nodes);
  return describeCluster(cluster, nodes, state, {
    ...{ companions, attached: viewAttached(machine, cluster), faults: await faultsNow(machine, cluster) },
    ...describeKept(machine, cluster),
  });
}

function listNode(machine: Machine, node: Node, server: ServerProcess | undefined): NodeSeen {
  return { ...describeUnasked(machine, node, server), healthy: server?.state === 'running' };
}

/** Only root sees which namespace a process is in; others go by the processes that were there at the end of `create`. */
function recordedServers(machine: Machine, cluster: Cluster): ReadonlyMap<string, ServerProcess> {
  const recorded = loadProcesses(machine, cluster.name);
  return new Map(programsOf(cluster).map((one) => [one.namespace, recordedServer(machine, one, recorded[one.name])]));
}

function recordedServer(machine: Machine, node: Program, recorded: ProcessIdentity | undefined): ServerProcess {
  const gone = { pid: null, memory: null };
  if (!machine.files.exists(`${machine.roots.netns}/${node.namespace}`)) return { state: 'missing', ...gone };
  const same = recorded !== undefined && isSame(machine, recorded);
  return same ? { state: 'running', pid: recorded.pid, memory: null } : { state: 'dead', ...gone };
}
