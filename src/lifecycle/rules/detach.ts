import type { Cluster } from '../../cluster/cluster.js';
import { assertHostName } from '../../cluster/names.js';
import { NotFoundError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { clusterDirectory } from '../../state/clusters.js';
import { underClusterLock } from '../cluster-lock.js';
import { requireRoot, type Context } from '../context.js';
import { endAttached } from '../removal/end-attached.js';
import { settled } from '../status.js';
import type { ClusterView } from '../view.js';

/** A cluster, and what became of what was attached. */
export interface DetachView {
  readonly cluster: ClusterView;
  /** `had ended`: nothing but its log was there. */
  readonly nodes: readonly {
    readonly node: string;
    readonly outcome: 'detached' | 'stopped' | 'killed' | 'had ended';
  }[];
}

/**
 * Takes programs off a cluster's network, whose namespaces are as they were found then; what dbns started is ended, and its
 * log goes.
 * @param timeout ms that such a program may take; then it is killed
 * @throws NotFoundError, ConflictError; LeftoverError; InterruptedError.
 */
export async function detachFrom(
  clusterName: string,
  names: readonly string[],
  { timeout }: { readonly timeout: number },
  context: Context,
): Promise<DetachView> {
  const { machine } = context;
  const words = ['detach', clusterName, ...names].join(' ');
  requireRoot(machine, words);
  const verb = { verb: 'detach', nodes: names, again: `dbns ${words}` };
  return underClusterLock(machine, clusterName, verb, async (saved) => {
    for (const name of names) assertKnown(machine, saved, name);
    let cluster = saved;
    const nodes: DetachView['nodes'][number][] = [];
    for (const name of names) {
      const host = cluster.attached.find((one) => one.name === name);
      const ended = host === undefined ? null : await endAttached(cluster, host, timeout, context);
      cluster = ended?.left ?? cluster;
      await machine.files.remove(filesOf(machine, cluster, name));
      nodes.push({ node: name, outcome: ended?.outcome ?? 'had ended' });
    }
    return { cluster: await settled(machine, cluster), nodes };
  });
}

function assertKnown(machine: Machine, cluster: Cluster, name: string): void {
  const { attached } = cluster;
  if (attached.some((host) => host.name === name)) return;
  const isTaken = [...cluster.nodes, ...cluster.companions].some((host) => host.name === name);
  if (!isTaken) assertHostName(name);
  if (!isTaken && machine.files.exists(`${filesOf(machine, cluster, name)}/server.log`)) return;
  const there = attached.map((host) => host.name).join(', ') || 'nothing';
  throw new NotFoundError(`Nothing called '${name}' is attached to '${cluster.name}'. There is: ${there}.`);
}

function filesOf(machine: Machine, { name: cluster }: Cluster, name: string): string {
  return `${clusterDirectory(machine, cluster)}/${name}`;
}
