import { hostsOf, type Cluster, type Companion } from '../../cluster/cluster.js';
import { namespaceName } from '../../cluster/names.js';
import { serverTitle } from '../../cluster/server.js';
import { companionKind } from '../../companions/registry.js';
import { clusterDirectory, saveCluster } from '../../state/clusters.js';
import { bringUpCompanion } from '../keeping/companion.js';
import { frontOf } from '../keeping/front.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { placeHost } from '../ground/place-host.js';
import { serverOfImage } from '../image-server.js';
import { ensureKeeper, untilKept } from '../keeping/keeper.js';
import { renewCertificates } from '../running/renew-certificates.js';
import { standGround } from '../ground/stand.js';
import { settled } from '../status.js';
import { underClusterLock } from '../cluster-lock.js';
import type { ClusterView } from '../view.js';
import { takeAwayCompanion } from './remove.js';

export interface CompanionRequest {
  /** The first free of proxy1, proxy2 … when it is not said. */
  readonly name?: string | undefined;
  readonly kind: string;
  /** The kind's own when it is not said. */
  readonly image?: string | undefined;
  /** In the cluster's subnet; the first free one when it is not said. */
  readonly address?: string | undefined;
  /** The first one when it is not said. */
  readonly zone?: string | undefined;
  /** ms until it is ready. */
  readonly timeout: number;
}

/** A cluster, and the companion that it got. */
export interface CompanionCreated {
  readonly cluster: ClusterView;
  readonly companion: string;
}

/**
 * Puts a proxy in front of a cluster, and returns when servers answer through it: one that takes writes, and one that
 * serves reads. From then on the cluster's keeper leads it. What fails, and an abort, is taken back.
 * @throws UsageError, NotFoundError, ConflictError before anything was touched; NotReadyError with the proxy's own reason.
 */
export async function createCompanion(
  clusterName: string,
  request: CompanionRequest,
  context: Context,
): Promise<CompanionCreated> {
  const { machine } = context;
  requireRoot(machine, `proxy create ${clusterName}`);
  requirePrograms(machine);
  const { name, kind } = request;
  const verb = {
    ...{ verb: 'proxy create', nodes: name === undefined ? [] : [name], about: kind },
    touched: ({ companion }: CompanionCreated) => [companion],
  };
  return underClusterLock(machine, clusterName, verb, async (before) => {
    const companion = await placeCompanion(before, request, context);
    const half: Cluster = { ...before, companions: [...before.companions, companion] };
    await saveCluster(machine, half);
    try {
      const stood = await standGround(half, context);
      // It passes on what servers show: those are reached by its name from now on.
      await renewCertificates(stood, context);
      // The keeper takes as long to start as a proxy does.
      await Promise.all([
        bringUpCompanion(stood, companion, { ...context, deadline: Date.now() + request.timeout }),
        ensureKeeper(machine, clusterName),
      ]);
      const cluster = withAdded(stood, companion.name);
      await saveCluster(machine, cluster);
      await untilKept(machine, clusterName, companion.name, request.timeout);
      return { cluster: await settled(machine, cluster), companion: companion.name };
    } catch (error) {
      context.observer.phaseFailed?.();
      await takeAwayCompanion(half, companion, context);
      throw error;
    }
  });
}

function withAdded(cluster: Cluster, name: string): Cluster {
  const companions = cluster.companions.map((one) => (one.name === name ? { ...one, phase: 'added' as const } : one));
  return { ...cluster, companions };
}

async function placeCompanion(
  cluster: Cluster,
  { name: wanted, kind: kindName, image, address, zone }: CompanionRequest,
  { machine }: Context,
): Promise<Companion> {
  const kind = companionKind(kindName);
  const name = wanted ?? firstFreeProxy(hostsOf(cluster).map((host) => host.name));
  const place = placeHost(cluster, name, { address, zone });
  const ports = kind.ports(frontOf(machine, cluster));
  const server = await serverOfImage(machine, image ?? kind.defaultImage, kind.server);
  const directory = `${clusterDirectory(machine, cluster.name)}/${name}`;
  return {
    ...{ ...place, kind: kind.name, ports, directory, settings: {} },
    phase: 'adding',
    wanted: 'running',
    image: server.image.ref,
    server: serverTitle(server.build),
    namespace: namespaceName(cluster.name, name),
    socket: `${machine.roots.run}/${cluster.name}/${name}/${kind.socketName}`,
    log: `${directory}/server.log`,
  };
}

/** `proxy1`, `proxy2` … */
function firstFreeProxy(taken: readonly string[]): string {
  for (let count = 1; ; count++) if (!taken.includes(`proxy${count}`)) return `proxy${count}`;
}
