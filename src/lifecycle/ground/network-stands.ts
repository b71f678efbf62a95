import type { Cluster } from '../../cluster/cluster.js';
import { ConflictError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { forwards } from '../../network/forwarding.js';

/** @throws ConflictError for a cluster whose bridge is gone, as after a reboot. */
export function assertNetworkStands(machine: Machine, { name, network: { bridge } }: Cluster): void {
  if (forwards(machine, bridge) !== null) return;
  throw new ConflictError(`The network of '${name}' does not stand: its bridge ${bridge} is gone.`, {
    suggestions: [`dbns start ${name}`],
  });
}
