import { hostsOf, type Cluster } from '../../cluster/cluster.js';
import { ConflictError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { insideNames, insidesThere } from '../../network/insides.js';

/** @throws ConflictError for a cluster whose bridges, or links, are gone, as after a reboot. */
export function assertNetworkStands(machine: Machine, cluster: Cluster): void {
  if (insidesThere(machine, cluster).length > 0) return;
  const names = insideNames(cluster.network, hostsOf(cluster));
  const gone = `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} gone`;
  throw new ConflictError(`The network of '${cluster.name}' does not stand: ${gone}.`, {
    suggestions: [`dbns start ${cluster.name}`],
  });
}
