import { hostsOf } from '../../cluster/cluster.js';
import type { Cut } from '../../cluster/fault.js';
import type { Chosen } from '../choose.js';
import { requirePrograms, requireRoot, type Context } from '../context.js';
import { describeFault } from '../ground/fault-view.js';
import { ensureKeeper } from '../keeping/keeper.js';
import type { FaultView } from '../view.js';
import { beginFault } from './begin.js';

/**
 * Takes the carrier from the links of hosts, as if somebody pulled the cable, a fault a cluster; addresses stay.
 * @param lasts milliseconds; null is until it is healed
 */
export async function cutEach(
  chosen: readonly Chosen[],
  lasts: number | null,
  { machine }: Context,
): Promise<readonly FaultView[]> {
  requireRoot(machine, 'fault cut');
  requirePrograms(machine);
  const faults: FaultView[] = [];
  for (const { cluster, ...programs } of chosen) {
    const hosts = hostsOf(programs).map(({ name }) => name);
    const fault = await beginFault<Cut>(machine, { cluster: cluster.name, lasts }, 'cut', () => ({ hosts }));
    await ensureKeeper(machine, cluster.name);
    faults.push(describeFault(machine, cluster, fault, null));
  }
  return faults;
}
