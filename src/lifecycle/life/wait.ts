import type { Cluster } from '../../cluster/cluster.js';
import { NotReadyError } from '../../errors/errors.js';
import { loadCluster } from '../../state/clusters.js';
import { topologyNamed } from '../../topologies/registry.js';
import { namingFaults } from '../ground/name-faults.js';
import { requireRoot, type Context } from '../context.js';
import { ANSWER_TIMEOUT, viewCluster } from '../status.js';
import type { ClusterView } from '../view.js';
import type { Condition } from './condition.js';

export interface WaitRequest {
  readonly cluster: string;
  /** Names of nodes; by none those that are wanted running, or all where it is for `stopped`. */
  readonly nodes: readonly string[];
  readonly condition: Condition;
  /** The condition as the user said it. */
  readonly words: string;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Milliseconds between two looks. */
const PAUSE = 100;

/**
 * Asks servers again and again until nodes are as wanted.
 * @throws NotReadyError after the timeout, with what was amiss last.
 */
export async function waitFor(request: WaitRequest, context: Context): Promise<ClusterView> {
  const { machine } = context;
  requireRoot(machine, `wait ${request.cluster}`);
  return namingFaults(machine, request.cluster, () => wait(request, context));
}

async function wait(request: WaitRequest, { machine, observer, signal }: Context): Promise<ClusterView> {
  const { cluster: name, nodes, condition, words, timeout } = request;
  const deadline = Date.now() + timeout;
  const title = `wait for ${[name, ...nodes].join(' ')}: ${words}`;
  observer.phaseStarted?.(title);
  for (;;) {
    signal.throwIfAborted();
    const cluster = await loadCluster(machine, name);
    const view = await viewCluster(machine, cluster, ANSWER_TIMEOUT);
    const meant = meantBy(request, cluster);
    const chosen = view.nodes.filter((node) => meant.has(node.name));
    const amiss = unfinished(view) ?? condition(chosen, topologyNamed(cluster.topology).columns);
    if (amiss === null) {
      observer.phaseDone?.(title);
      return view;
    }
    if (Date.now() >= deadline) {
      observer.phaseFailed?.();
      throw new NotReadyError(`Not in ${timeout / 1000} s. '${name}' is ${view.state}; ${amiss}.`, {
        suggestions: [`dbns status ${name}`],
      });
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Whatever the nodes say by now, more is to come. */
function unfinished({ state }: ClusterView): string | null {
  return state === 'creating' || state === 'resetting' ? 'that has not ended' : null;
}

function meantBy({ nodes, words }: WaitRequest, cluster: Cluster): ReadonlySet<string> {
  if (nodes.length > 0) return new Set(nodes);
  // Who waits for the cluster waits for those that are coming.
  const wanted = cluster.nodes.filter((node) => node.phase !== 'removing' && node.wanted === 'running');
  return new Set((words === 'stopped' || wanted.length === 0 ? cluster.nodes : wanted).map(({ name }) => name));
}
