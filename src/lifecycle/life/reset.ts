import { isCommand, namesOf, settledPart, type Cluster } from '../../cluster/cluster.js';
import { NotReadyError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { wake } from '../../process/end.js';
import { killServers } from '../../process/find.js';
import { saveCluster } from '../../state/clusters.js';
import { saveRoles, withLastRoles } from '../../state/roles.js';
import { loadRules } from '../../state/rules.js';
import { topologyNamed } from '../../topologies/registry.js';
import { applyPlan } from '../apply.js';
import { bothOf } from '../both-of.js';
import { underClusterLock } from '../cluster-lock.js';
import { requirePrograms, requireRoot, type Context, type Limited } from '../context.js';
import { clearPlan, freshPlan, takePlaces } from '../data-directories.js';
import { explainByLog } from '../explain.js';
import { changeRules } from '../ground/change-rules.js';
import { standGround } from '../ground/stand.js';
import { leadFronts } from '../keeping/fronts.js';
import { notingDown, touchedIn, type VerbView } from '../running/verb.js';
import { settled } from '../status.js';
import type { Beginning } from './beginning.js';
import { fromClones } from './from-clones.js';
import { fromCopies, wantsCopies } from './from-copies.js';
import { takeAway } from '../growth/leave.js';

export interface ResetOptions {
  /** Milliseconds for all that servers do. */
  readonly timeout: number;
  /**
   * Whether the nodes get the data that they had when `create` returned, with `--init`, or are empty. Absent is: the data,
   * where there are any.
   */
  readonly toInit?: boolean | undefined;
}

/**
 * Puts a cluster back to the state in which its `create` returned, and returns when its nodes are ready. Its ground stands:
 * addresses, links, account and password are the same, proxies and doors are kept. Nodes that were added since are members
 * again, as empty as the others. One that was cut short is taken up again by the same words.
 * @throws NotFoundError, ConflictError before anything was touched, also when its network is another's by now; NotReadyError
 *   with the server's own words; InterruptedError.
 */
export async function resetCluster(
  name: string,
  { timeout, toInit }: ResetOptions,
  context: Context,
): Promise<VerbView> {
  const { machine } = context;
  const flag = toInit === undefined ? [] : [toInit ? '--to-init' : '--no-to-init'];
  const words = ['reset', name, ...flag].join(' ');
  requireRoot(machine, words);
  requirePrograms(machine);
  const verb = { verb: 'reset', again: `dbns ${words}`, resets: true, touched: touchedIn } as const;
  return underClusterLock(machine, name, verb, async (found) => {
    const saved = withRebuilt(found);
    const { notes, noting } = notingDown(context);
    const application = { ...noting, deadline: Date.now() + timeout };
    const target = asMade(withLastRoles(machine, settledPart(saved)));
    const copies = wantsCopies(machine, target, toInit);
    const beginning = copies ? fromCopies(target, application) : await fromClones(target, application);
    const stood = await lay(saved, beginning, application);
    const cluster = await begin(stood, { ...target, network: stood.network }, beginning, application);
    const cleared = applyPlan(clearPlan(beginning.sources), { ...application, ...UNHURRIED });
    await bothOf(
      explaining(cluster, application, () => beginning.form(cluster)),
      cleared,
    );
    const done: Cluster = { ...cluster, phase: 'created' };
    await saveCluster(machine, done);
    await leadFronts(done, application);
    return {
      cluster: await settled(machine, done),
      nodes: done.nodes.map((node) => ({ node: node.name, outcome: 'reset' })),
      notes,
    };
  });
}

/** Whoever was to get its data anew gets them now. */
function withRebuilt(cluster: Cluster): Cluster {
  const nodes = cluster.nodes.map((node) =>
    node.phase === 'rebuilding' ? { ...node, phase: 'added' as const } : node,
  );
  return { ...cluster, nodes };
}

/** What can be done while the servers run, and fail with nothing lost: the clones, and what is missing of the ground. */
async function lay(saved: Cluster, { sources }: Beginning, application: Limited): Promise<Cluster> {
  try {
    const laid = applyPlan(freshPlan(sources), { ...application, deadline: Infinity });
    const [stood] = await bothOf(standGround(saved, application), laid);
    return stood;
  } catch (error) {
    await applyPlan(clearPlan(sources), { ...application, ...UNHURRIED });
    throw error;
  }
}

const UNHURRIED = { signal: new AbortController().signal, deadline: Infinity };

/** All that was there runs again. */
function asMade(cluster: Cluster): Cluster {
  const { made, topology } = cluster;
  const { nodes, companions, ...rest } = made === null ? cluster : topologyNamed(topology).life.anew(cluster, made);
  const [usual] = Object.values(made?.options ?? {});
  return {
    ...rest,
    turn: null,
    nodes: nodes.map((node) => ({
      ...{ ...node, wanted: 'running' },
      options: made?.options[node.name] ?? usual ?? node.options,
    })),
    companions: companions.map((companion) => ({ ...companion, wanted: 'running' })),
  };
}

/**
 * From the mark on that says so, nobody takes the cluster for more than half of one. Faults go before servers do: connections
 * end that a partition kept. Nodes that had come, or left, by half go. Answers with the cluster as it is saved then.
 */
async function begin(saved: Cluster, target: Cluster, { sources }: Beginning, application: Limited): Promise<Cluster> {
  const { machine, observer } = application;
  const half = saved.nodes.filter(({ phase }) => phase !== 'added');
  const marked: Cluster = { ...target, nodes: [...target.nodes, ...half], phase: 'resetting' };
  await saveCluster(machine, marked);
  await saveRoles(machine, marked.name, Object.fromEntries(target.nodes.map(({ name, role }) => [name, role])));
  await endFaults(machine, marked);
  const title = `end ${namesOf(marked.nodes)}`;
  observer.phaseStarted?.(title);
  await killServers(
    machine,
    marked.nodes.map(({ namespace }) => namespace),
  );
  observer.phaseDone?.(title);
  await takePlaces(machine, sources);
  return half.length === 0 ? marked : takeAway(marked, half, null, { ...application, patience: 0 });
}

/** Servers that a fault paused are killed with the others; who is attached goes on. */
async function endFaults(machine: Machine, { name, attached }: Cluster): Promise<void> {
  for (const { namespace } of attached.filter(isCommand)) wake(machine, namespace);
  if (loadRules(machine, name).faults.length === 0) return;
  await changeRules(machine, name, (rules) => ({ ...rules, faults: [] }));
}

async function explaining(cluster: Cluster, { machine, observer }: Limited, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    observer.phaseFailed?.();
    if (!(error instanceof NotReadyError)) throw error;
    const { name, nodes } = cluster;
    const again = [`dbns status ${name}`, `dbns logs ${name}`, `dbns reset ${name}`];
    throw explainByLog(error, { machine, cluster, suspects: nodes, kept: [], again });
  }
}
