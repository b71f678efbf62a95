import type { Machine } from '../../host/machine.js';
import { withLastRoles } from '../../state/roles.js';
import { nodesIn } from '../choose.js';
import { selectCluster } from '../select.js';

/**
 * The names of the nodes of a role, or of a group: as a side of a partition.
 * @throws NotFoundError when there is none.
 */
export async function sideOf(
  machine: Machine,
  cluster: string,
  by: { readonly role?: string; readonly group?: string },
): Promise<readonly string[]> {
  const chosen = withLastRoles(machine, await selectCluster(machine, cluster));
  return nodesIn(chosen, { names: [], ...by }).map(({ name }) => name);
}
