import type { Machine } from '../../host/machine.js';
import { loadPassword } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Connection, ConnectionForm } from '../../topologies/topology.js';
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
}

/**
 * How to reach a cluster by a node that suits, or the one that is named, as the account `dbns`. The one place that gives
 * the password.
 * @throws UsageError, NotFoundError, NotReadyError.
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
  const door = await findDoor(heard, cluster, request);
  const login = { password: loadPassword(machine, cluster.name), database: request.database ?? null };
  const topology = topologyNamed(cluster.topology);
  return { topology, connection: topology.connection(cluster, door, login) };
}
