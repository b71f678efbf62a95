import { hostsOf } from '../../cluster/cluster.js';
import type { Harm } from '../../cluster/fault.js';
import type { Chosen } from '../choose.js';
import { requireRoot, type Context } from '../context.js';
import { describeFault } from '../ground/fault-view.js';
import { ensureKeeper } from '../keeping/keeper.js';
import { killNodes, pauseNodes } from '../running/signal.js';
import { beginFault } from './begin.js';
import { forget } from './forget.js';
import type { FaultView } from '../view.js';

/**
 * Kills or pauses servers as the verbs do, a fault a cluster, and knows of it: `heal` starts them again, or lets them go on.
 * @param lasts milliseconds; null is until it is healed
 * @throws ConflictError when one has no server, with nothing changed in that cluster.
 */
export async function harmEach(
  kind: Harm['kind'],
  chosen: readonly Chosen[],
  lasts: number | null,
  context: Context,
): Promise<readonly FaultView[]> {
  const faults: FaultView[] = [];
  for (const one of chosen) faults.push(await harm(kind, one, lasts, context));
  return faults;
}

async function harm(
  kind: Harm['kind'],
  chosen: Chosen,
  lasts: number | null,
  { machine }: Context,
): Promise<FaultView> {
  const { cluster } = chosen;
  requireRoot(machine, `fault ${kind} ${cluster.name}`);
  const hosts = hostsOf(chosen).map(({ name }) => name);
  // On disk first: what was done by a fault is known, whoever is killed in between.
  const fault = await beginFault<Harm>(machine, { cluster: cluster.name, lasts }, kind, () => ({ hosts }));
  try {
    await (kind === 'kill' ? killNodes(machine, chosen, 'SIGKILL') : pauseNodes(machine, chosen));
  } catch (error) {
    await forget(machine, cluster.name, [fault.id]);
    throw error;
  }
  await ensureKeeper(machine, cluster.name);
  return describeFault(machine, cluster, fault, null);
}
