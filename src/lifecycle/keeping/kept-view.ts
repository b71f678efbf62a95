import type { Cluster } from '../../cluster/cluster.js';
import { exposedHost, exposureName } from '../../cluster/rules.js';
import type { Machine } from '../../host/machine.js';
import { loadLease } from '../../state/lease.js';
import { loadRules } from '../../state/rules.js';
import { findKeeper } from './keeper.js';
import type { ClusterView } from '../view.js';

/** What of a cluster outlives commands, and who sees to it. */
export function describeKept(
  machine: Machine,
  { name }: Pick<Cluster, 'name'>,
): Pick<ClusterView, 'links' | 'exposures' | 'lease' | 'keeper'> {
  const { exposures, links } = loadRules(machine, name);
  const lease = loadLease(machine, name);
  const keeper = findKeeper(machine, name);
  const duties = keeper?.record?.duties ?? {};
  return {
    links: links.map(({ cluster, subnet, way, ports, to }) => ({ cluster, subnet, way, ports, to })),
    exposures: exposures.map((exposure) => ({
      bind: exposure.bind,
      hostPort: exposure.hostPort,
      host: exposedHost(exposure),
      role: 'role' in exposure.to ? exposure.to.role : null,
      port: exposure.port,
      leadsTo: exposure.leadsTo,
      error: duties[exposureName(exposure)] ?? null,
    })),
    lease: lease === null ? null : { processes: lease.processes.map(({ pid }) => pid), until: lease.until?.at ?? null },
    keeper:
      keeper === null
        ? null
        : { pid: keeper.pid, memoryBytes: machine.processes.memoryOf(keeper.pid), duties: Object.keys(duties) },
  };
}
