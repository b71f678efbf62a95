import path from 'node:path';
import type { Machine } from '../../host/machine.js';
import { containerArgv, inNamespace } from '../../process/container.js';
import { findImage } from '../../images/store.js';
import { loadPassword, clusterDirectory } from '../../state/clusters.js';
import { CLIENT_FILE } from '../../servers/kind.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Connection, ConnectionForm } from '../../topologies/topology.js';
import { netnsEtcDirectory } from '../../network/hosts.js';
import { requireRoot, type Context } from '../context.js';
import { ensureKeeper } from '../keeping/keeper.js';
import { resolveServer } from '../resolve.js';
import { assertNamespace, selectCluster } from '../select.js';
import { adminDoor } from './admin-door.js';
import { findDoor, type DoorRequest } from '../door.js';
import { forShow } from './for-show.js';

export type { Connection, ConnectionForm };

/** What is told besides goes to the observer. */
type Heard = Pick<Context, 'machine' | 'observer'>;

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
  const door = { node, named: false, proxied: false, role: 'primary', nodes: [node] } as const;
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

/** Which client to open, where, with what words, and what is around the user. */
export interface ClientCall {
  readonly cluster: string | undefined;
  readonly door: DoorRequest;
  /** To the admin interface of the proxy that is named, and not by way of it. */
  readonly admin: boolean;
  readonly words: readonly string[];
  /** Null when the directory is gone. */
  readonly workingDirectory: string | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens the image's own client on a node, on our own streams, with no password to type; answers its exit code. The
 * working directory is there inside, so that files can be read and written.
 */
export async function openClient(heard: Heard, call: ClientCall): Promise<number> {
  const { machine } = heard;
  requireRoot(machine, 'client');
  const cluster = await selectCluster(machine, call.cluster);
  const { door, password } = call.admin
    ? adminDoor(machine, cluster, call.door)
    : { door: await findDoor(heard, cluster, call.door), password: loadPassword(machine, cluster.name) };
  const { node } = door;
  assertNamespace(machine, node);
  const topology = topologyNamed(cluster.topology);
  const { build, rootMounts } = await resolveServer(machine, topology, await findImage(machine, node.image));
  const client = topology.client(cluster, door, build, password);
  const file = `${clusterDirectory(machine, cluster.name)}/client-${node.name}`;
  await machine.files.write(file, client.file, { mode: 0o600 });
  const etc = netnsEtcDirectory(machine, node);
  const directory = visible(call.workingDirectory);
  const argv = containerArgv(
    machine,
    {
      rootMounts,
      writable: [path.dirname(node.socket), ...(directory === null ? [] : [directory])],
      files: { [`${etc}/hosts`]: '/etc/hosts', [file]: CLIENT_FILE },
      hostname: node.name,
      network: 'namespace',
      user: 'root',
      dieWithParent: true,
      ...(directory !== null && { chdir: directory }),
      environment: { ...forShow(call.environment), ...client.environment },
    },
    [...client.argv, ...call.words],
  );
  return machine.attach(inNamespace(node.namespace, argv), { environment: {} });
}

/** A directory of the user's that doesn't hide the image's own. */
function visible(directory: string | null): string | null {
  return directory !== null && /^\/(?:home|root|srv|mnt|media|work|opt|tmp|var\/tmp)(?:\/|$)/.test(directory)
    ? directory
    : null;
}
