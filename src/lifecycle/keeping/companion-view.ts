import type { Cluster, Companion } from '../../cluster/cluster.js';
import { ipv6Of } from '../../cluster/family.js';
import { zoneOf } from '../../cluster/zone.js';
import { messageOf } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import type { ServerProcess } from '../../process/find.js';
import { exitOf } from '../../servers/exit.js';
import { askCompanion } from './front.js';
import { MISSING, processOf } from '../node-process.js';
import type { CompanionView } from '../view.js';

/** The companions of a cluster as they stand now; each has `timeout` ms to answer. */
export function viewCompanions(
  machine: Machine,
  cluster: Cluster,
  servers: ReadonlyMap<string, ServerProcess>,
  timeout: number,
): Promise<readonly CompanionView[]> {
  return Promise.all(
    cluster.companions.map(async (companion) => {
      const view = describeCompanion(machine, cluster, companion, servers.get(companion.namespace));
      if (view.process !== 'running') return view;
      try {
        const { writer, readers, reason } = await askCompanion(machine, cluster, companion, timeout);
        return { ...view, healthy: true, leads: { writer, readers }, error: reason };
      } catch (error) {
        return { ...view, process: 'unresponsive' as const, error: messageOf(error) };
      }
    }),
  );
}

/** What is known of a companion without asking it. */
export function describeCompanion(
  machine: Machine,
  { network }: Pick<Cluster, 'network'>,
  companion: Companion,
  server: ServerProcess = MISSING,
): CompanionView {
  const { name, kind, image, server: title, address, ports, phase, wanted, namespace, socket, log } = companion;
  const { pid, memory } = server;
  return {
    ...{ name, kind, host: 'local', image, server: title, network: 'net1', address, ports, phase, wanted },
    ...{
      process: processOf(companion, server),
      exit: pid === null ? exitOf(machine, companion) : null,
      healthy: false,
    },
    ...{ zone: zoneOf(network, companion).name, ipv6: ipv6Of(network, companion) },
    ...{ pid, namespace, socket, log, memoryBytes: memory, leads: null, error: null },
  };
}
