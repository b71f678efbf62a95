import { isBorrowed, type Attached, type Cluster, type Origin } from '../../cluster/cluster.js';
import { borrowedName, namespaceName } from '../../cluster/names.js';
import { DbnsError, LeftoverError, UsageError, messageOf } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { saveCluster } from '../../state/clusters.js';
import { hasOwnHosts } from '../ground/borrowed-names.js';
import { underClusterLock } from '../cluster-lock.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { assertNetworkStands } from '../ground/network-stands.js';
import { placeHost } from '../ground/place-host.js';
import { takeOff } from '../removal/detach.js';
import { standGround } from '../ground/stand.js';
import { settled } from '../status.js';
import type { ClusterView } from '../view.js';
import { assertRoomIn, borrow } from './borrow.js';
import { commandOrigin, runCommand, type CommandCall } from './command.js';
import { containerOf, namespaceNamed, processOf } from './target.js';

/** What is to come to a cluster's network: one of these. */
export type Target =
  | { readonly pid: number }
  | { readonly netns: string }
  | { readonly container: string }
  | { readonly command: CommandCall };

export interface AttachRequest {
  readonly name: string;
  readonly target: Target;
  /** In the cluster's subnet; a free one when it is not said. */
  readonly address?: string | undefined;
  /** The first one when it is not said. */
  readonly zone?: string | undefined;
}

/** A cluster, what came to its network, and what to know of it. */
export interface AttachView {
  readonly cluster: ClusterView;
  readonly attached: string;
  readonly notes: readonly string[];
}

/**
 * Puts a program on a cluster's network: one that runs in a network namespace of its own, or one that is started in a new
 * namespace. It is no member. What fails, and an abort, is taken back.
 * @throws UsageError for the machine's own namespace; NotFoundError, ConflictError before anything was touched;
 *   NotReadyError for a command that ends at once.
 */
export async function attachTo(clusterName: string, request: AttachRequest, context: Context): Promise<AttachView> {
  const { machine } = context;
  requireRoot(machine, `attach ${clusterName} ${request.name} …`);
  requirePrograms(machine);
  return underClusterLock(machine, clusterName, { verb: 'attach', nodes: [request.name] }, async (before) => {
    assertNetworkStands(machine, before);
    const host = await placeAttached(machine, before, request);
    const half: Cluster = { ...before, attached: [...before.attached, host] };
    await saveCluster(machine, half);
    try {
      if (isBorrowed(host)) await borrow(machine, half, host);
      const stood = await standGround(half, context);
      if ('command' in request.target) await runCommand(host, request.target.command, context);
      context.signal.throwIfAborted();
      const cluster = { ...stood, attached: stood.attached.map(addedIf(host.name)) };
      await saveCluster(machine, cluster);
      return { cluster: await settled(machine, cluster), attached: host.name, notes: notesOf(machine, cluster, host) };
    } catch (error) {
      throw await takenBack(machine, half, host, error);
    }
  });
}

const addedIf = (name: string) => (host: Attached) =>
  host.name === name ? { ...host, phase: 'added' as const } : host;

async function placeAttached(
  machine: Machine,
  cluster: Cluster,
  { name, target, address, zone }: AttachRequest,
): Promise<Attached> {
  const place = placeHost(cluster, name, { address, zone });
  const origin = await originOf(machine, cluster, name, target);
  const isOurs = origin.kind === 'command';
  if (!isOurs) await assertRoomIn(machine, cluster, origin);
  const namespace = isOurs ? namespaceName(cluster.name, name) : borrowedName(cluster.name, name);
  return { ...place, namespace, phase: 'adding', origin };
}

async function originOf(machine: Machine, cluster: Cluster, name: string, target: Target): Promise<Origin> {
  if ('command' in target) return commandOrigin(machine, cluster, name, target.command);
  if ('netns' in target) return namespaceNamed(machine, target.netns);
  return 'pid' in target ? processOf(machine, target.pid, null) : containerOf(machine, target.container);
}

/** The error to throw when it was taken off again. */
async function takenBack(machine: Machine, cluster: Cluster, host: Attached, error: unknown): Promise<unknown> {
  try {
    await takeOff(machine, cluster, host);
    if (host.origin.kind === 'command') await machine.files.remove(host.origin.directory);
    return error;
  } catch (leftover) {
    const suggestions = leftover instanceof DbnsError ? leftover.suggestions : [];
    const message = `${messageOf(error)}\nAnd ${host.name} could not be taken off again. ${messageOf(leftover)}`;
    return new LeftoverError(message, { cause: error, suggestions });
  }
}

function notesOf(machine: Machine, cluster: Cluster, host: Attached): readonly string[] {
  if (hasOwnHosts(machine, host)) return [];
  const [node] = cluster.nodes;
  return [
    `${host.name} has no /etc/hosts of its own: it knows nodes by their addresses alone, ${node?.name ?? ''} as ${node?.address ?? ''}.`,
  ];
}

/** One of these must be said, and no second. */
export function targetOf(words: {
  readonly pid?: string | undefined;
  readonly netns?: string | undefined;
  readonly container?: string | undefined;
  readonly command: CommandCall | null;
}): Target {
  const { pid, netns, container, command } = words;
  const said: readonly Target[] = [
    ...(pid === undefined ? [] : [{ pid: pidIn(pid) }]),
    ...(netns === undefined ? [] : [{ netns }]),
    ...(container === undefined ? [] : [{ container }]),
    ...(command === null ? [] : [{ command }]),
  ];
  const [target, ...others] = said;
  if (target !== undefined && others.length === 0) return target;
  throw new UsageError('What is to be attached? Say one: --pid, --netns, --container, or a command after --.');
}

function pidIn(text: string): number {
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new UsageError(`--pid ${text}: write the number of a process.`);
}
