import type { Cluster, Node } from '../../cluster/cluster.js';
import { ipv6Of } from '../../cluster/family.js';
import { UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { loadPassword } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Connection, ConnectionForm, Door } from '../../topologies/topology.js';
import { requireRoot, type Context } from '../context.js';
import { ensureKeeper } from '../keeping/keeper.js';
import { selectCluster } from '../select.js';
import { findDoor, type DoorRequest } from '../door.js';

export type { Connection, ConnectionForm };

/** What is told besides goes to the observer. */
export type Heard = Pick<Context, 'machine' | 'observer'>;

/** Whom to reach, and where there. */
export interface ConnectionRequest extends DoorRequest {
  readonly cluster?: string | undefined;
  /** What the client begins with. */
  readonly database?: string | undefined;
  /** By the IPv6 address of nodes. */
  readonly ipv6?: boolean | undefined;
}

/**
 * How to reach a cluster by a node that suits, or the one that is named, as the account `dbns`. The one place that gives
 * the password.
 * @throws UsageError, also for IPv6 where there is none; NotFoundError, NotReadyError.
 */
export async function connectionTo(heard: Heard, request: ConnectionRequest = {}): Promise<Connection> {
  return (await connect(heard, request)).connection;
}

/**
 * The same as some programs write it.
 * @throws UsageError for what can't be written so; and as `connectionTo`.
 */
export async function writeConnection(
  heard: Heard,
  request: ConnectionRequest,
  form: ConnectionForm,
): Promise<{ readonly connection: Connection; readonly text: string }> {
  const { connection, topology } = await connect(heard, request);
  return { connection, text: topology.write(connection, form) };
}

/** The same of a cluster that was made a moment ago, by what is known of it: nobody is asked. */
export async function connectionToNew(machine: Machine, name: string): Promise<Connection> {
  const cluster = await selectCluster(machine, name);
  const topology = topologyNamed(cluster.topology);
  const [node] = topology.routes.entries(cluster);
  if (node === undefined) throw new Error(`nobody comes in to ${name}`);
  const door = { node, named: false, proxied: false, verifiable: true, role: 'primary', nodes: [node] } as const;
  return topology.connection(cluster, door, { password: loadPassword(machine, name), database: null });
}

async function connect(heard: Heard, request: ConnectionRequest) {
  const { machine } = heard;
  requireRoot(machine, 'uri');
  const cluster = await selectCluster(machine, request.cluster);
  await ensureKeeper(machine, cluster.name);
  const found = await findDoor(heard, cluster, request);
  const door = request.ipv6 === true ? byIpv6(cluster, found) : found;
  const login = { password: loadPassword(machine, cluster.name), database: request.database ?? null };
  const topology = topologyNamed(cluster.topology);
  return { topology, connection: topology.connection(cluster, door, login) };
}

/** @throws UsageError where nodes have no such addresses. */
function byIpv6({ name, network }: Cluster, door: Door): Door {
  const at = (node: Node): Node => {
    const address = ipv6Of(network, node);
    if (address === null) throw new UsageError(`'${name}' has no IPv6: it was made without --ipv6.`);
    return { ...node, address };
  };
  return { ...door, node: at(door.node), nodes: door.nodes.map(at) };
}
