import type { Cluster } from '../../cluster/cluster.js';
import { UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import type { Door } from '../../topologies/topology.js';
import { adminOf } from '../keeping/companion.js';
import { selectProgram } from '../select.js';
import { doorAt, type DoorRequest } from '../door.js';

/**
 * The admin interface of the proxy that was named, as if it were a server's socket.
 * @throws UsageError where there is none; NotFoundError for a proxy that is not there.
 */
export function adminDoor(
  machine: Machine,
  cluster: Cluster,
  { node: name, role }: DoorRequest,
): { readonly door: Door; readonly password: string } {
  if (name === undefined || role !== undefined) {
    throw new UsageError('--admin is the admin interface of a proxy: name it, and no role.');
  }
  selectProgram(cluster, name);
  const companion = cluster.companions.find((one) => one.name === name);
  if (companion === undefined) throw new UsageError(`--admin is the admin interface of a proxy, and ${name} is none.`);
  const { user, password } = adminOf(machine, cluster, companion);
  return { door: { ...doorAt(cluster, name, undefined, 'any'), proxied: false, user }, password };
}
