import { namesOf, type Cluster, type Node } from '../../cluster/cluster.js';
import { DbnsError, LeftoverError, NotReadyError, messageOf } from '../../errors/errors.js';
import { saveCluster } from '../../state/clusters.js';
import { bothOf } from '../both-of.js';
import { underClusterLock } from '../cluster-lock.js';
import { requirePrograms, requireRoot, type Context, type Limited } from '../context.js';
import { explainByLog } from '../explain.js';
import { halfDone } from '../half-done.js';
import { ensurePristine } from '../pristine.js';
import { withFaults } from '../ground/name-faults.js';
import { standGround } from '../ground/stand.js';
import { settled } from '../status.js';
import { bringIn, layData, planComing, type AddRequest, type Coming } from '../growth/come.js';
import { planLeaving, takeAway } from '../growth/leave.js';
import { notingDown, touchedIn, type VerbView } from '../running/verb.js';

export interface AddOptions {
  /** Milliseconds until those that come are ready. */
  readonly timeout: number;
}

/**
 * Adds nodes to a cluster that lives, and returns when they are ready. Each gets its data by the cheapest honest way, and
 * that is told. Whatever fails, and an abort, is taken back; after a kill the next `add` or `remove` does that.
 * @throws UsageError, NotFoundError, ConflictError before anything was touched; NotReadyError, InterruptedError,
 *   MachineError when it was taken back; LeftoverError when that could not remove everything.
 */
export async function addNodes(
  name: string,
  request: AddRequest,
  { timeout }: AddOptions,
  context: Context,
): Promise<VerbView> {
  const { machine } = context;
  requireRoot(machine, `add ${name}`);
  requirePrograms(machine);
  return underClusterLock(machine, name, { verb: 'add', touched: touchedIn }, async (saved) => {
    const { notes, noting, tell } = notingDown(context);
    const limited = { ...noting, deadline: Date.now() + timeout };
    const before = await clearAway(saved, limited);
    const coming = await planComing(before, request, limited);
    coming.joining.notes.forEach(tell);
    const cluster = await carryOut(before, coming, limited);
    return {
      cluster: await settled(machine, cluster),
      nodes: coming.newcomers.map((node) => ({ node: node.name, outcome: 'added' })),
      notes,
    };
  });
}

/** What an `add` that was killed left is in nobody's way, but half a node. */
async function clearAway(cluster: Cluster, application: Limited): Promise<Cluster> {
  const left = cluster.nodes.filter(({ phase }) => phase === 'adding');
  const [other] = cluster.nodes.filter(({ phase }) => phase === 'removing' || phase === 'rebuilding');
  if (other !== undefined) throw halfDone(cluster, other);
  if (left.length === 0) return cluster;
  application.observer.told?.(
    `${namesOf(left)}, of an add that was killed, ${left.length === 1 ? 'is' : 'are'} taken away.`,
  );
  const plan = await planLeaving(cluster, left, { force: true }, application);
  return takeAway(cluster, left, plan, { ...application, patience: STOP_PATIENCE });
}

/** On disk first: who comes. The topology's words are saved when they are there. */
async function carryOut(before: Cluster, coming: Coming, context: Limited): Promise<Cluster> {
  const { machine } = context;
  const { setting, newcomers, recipes, joining } = coming;
  const pristine = newcomers.filter((node) => joining.beginsAs(node) === 'pristine');
  const needed = new Set(pristine.flatMap(({ name }) => recipes.get(name) ?? []));
  for (const recipe of needed) await ensurePristine(recipe, context);
  const { nextIndex, settings } = setting.cluster;
  const half: Cluster = { ...before, nodes: [...before.nodes, ...newcomers], nextIndex };
  await saveCluster(machine, half);
  try {
    const [stood] = await bothOf(standGround(half, context), layData(coming, context));
    await bringIn(coming, context);
    const cluster: Cluster = { ...stood, settings, nodes: stood.nodes.map((node) => ({ ...node, phase: 'added' })) };
    await saveCluster(machine, cluster);
    return cluster;
  } catch (error) {
    throw await takenBack(error, half, newcomers, context);
  }
}

const TITLE = 'take back what was added';

/** Takes the newcomers away again, and answers the error to throw. */
async function takenBack(
  error: unknown,
  cluster: Cluster,
  newcomers: readonly Node[],
  context: Limited,
): Promise<unknown> {
  const { machine, observer } = context;
  observer.phaseFailed?.();
  const what = namesOf(newcomers);
  const again = [`dbns status ${cluster.name}`, '--timeout gives more time.'];
  const explained =
    error instanceof NotReadyError
      ? explainByLog(error, { machine, cluster, what, suspects: newcomers, kept: [], again })
      : error;
  // A fault of newcomers alone goes with them.
  const told = await withFaults(machine, cluster.name, explained);
  const deadline = Date.now() + TAKING_BACK;
  const unstoppable = { ...context, signal: new AbortController().signal, deadline, patience: STOP_PATIENCE };
  observer.phaseStarted?.(TITLE);
  try {
    const plan = await planLeaving(cluster, newcomers, { force: true }, unstoppable).catch(() => null);
    await takeAway(cluster, newcomers, plan, unstoppable);
  } catch (leftover) {
    const suggestions = [
      ...(leftover instanceof DbnsError ? leftover.suggestions : []),
      `dbns remove ${cluster.name} ${namesOf(newcomers, ' ')} --force`,
    ];
    const message = `${messageOf(told)}\nAnd what was added could not be taken back. ${messageOf(leftover)}`;
    return new LeftoverError(message, { cause: told, suggestions });
  }
  observer.phaseDone?.(TITLE);
  return told;
}

/** Milliseconds that those that stay may take for it; and that a server may take that is not ready yet. */
const TAKING_BACK = 60_000;
const STOP_PATIENCE = 5000;
