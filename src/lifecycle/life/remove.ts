import { without, type Cluster, type Node } from '../../cluster/cluster.js';
import { ConflictError } from '../../errors/errors.js';
import { nodesIn } from '../choose.js';
import { underClusterLock } from '../cluster-lock.js';
import { requireRoot, type Context } from '../context.js';
import { settled } from '../status.js';
import { planLeaving, takeAway } from '../growth/leave.js';
import { notingDown, type VerbView } from '../running/verb.js';

/** Milliseconds that a server may take to end by itself; then it is killed. */
const STOP_PATIENCE = 60_000;

export interface RemoveOptions {
  /** Whatever it means for those that stay. */
  readonly force: boolean;
  /** Milliseconds that those that stay may take to do without them. */
  readonly timeout: number;
}

/**
 * Takes nodes out of a cluster, and away: in their topology's order, so that those that stay keep quorum and data. Their
 * numbers are never used again. One that was cut short is taken up again by the same words.
 * @param names of nodes; all when there are none, which is refused
 * @throws NotFoundError; ConflictError when nobody would stay, or those that stay would be without a quorum or a primary;
 *   NotReadyError; LeftoverError; InterruptedError.
 */
export async function removeNodes(
  name: string,
  names: readonly string[],
  { force, timeout }: RemoveOptions,
  context: Context,
): Promise<VerbView> {
  const { machine } = context;
  const words = ['remove', name, ...names, ...(force ? ['--force'] : [])].join(' ');
  requireRoot(machine, words);
  return underClusterLock(machine, name, { verb: 'remove', nodes: names, again: `dbns ${words}` }, async (saved) => {
    const leaving = nodesIn(saved, { names });
    assertSomebodyStays(saved, leaving);
    const half = leaving.every(({ phase }) => phase !== 'added');
    const plan = await planLeaving(saved, leaving, { force: force || half }, context);
    const { notes, noting, tell } = notingDown(context);
    plan.notes.forEach(tell);
    const cluster = await takeAway(saved, leaving, plan, {
      ...noting,
      deadline: Date.now() + timeout,
      patience: STOP_PATIENCE,
    });
    return {
      cluster: await settled(machine, cluster),
      nodes: leaving.map((node) => ({ node: node.name, outcome: 'removed' })),
      notes,
    };
  });
}

function assertSomebodyStays(cluster: Cluster, leaving: readonly Node[]): void {
  if (without(cluster, leaving).nodes.some(({ phase }) => phase === 'added')) return;
  throw new ConflictError(`No node of '${cluster.name}' would stay.`, {
    suggestions: [`dbns destroy ${cluster.name}`],
  });
}
