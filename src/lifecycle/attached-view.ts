import { isCommand, type Attached, type Cluster } from '../cluster/cluster.js';
import { ipv6Of } from '../cluster/family.js';
import { zoneOf } from '../cluster/zone.js';
import type { Machine } from '../host/machine.js';
import { insideOf } from '../network/inside-of.js';
import { isSame } from '../process/find.js';
import { loadProcesses } from '../state/processes.js';
import { isThere, pidOf } from './attached.js';
import type { AttachedView } from './view.js';

/** What is attached to a cluster, as it stands now. */
export function viewAttached(
  machine: Machine,
  { name, network, attached }: Pick<Cluster, 'name' | 'network' | 'attached'>,
): readonly AttachedView[] {
  return attached.map((host) => describe(machine, network, host, pidSeen(machine, name, host)));
}

/** Only root sees in which namespace a process is; others go by what was recorded. */
function pidSeen(machine: Machine, cluster: string, host: Attached): number | null {
  if (machine.isRoot || !isCommand(host)) return isThere(machine, host) ? pidOf(machine, host) : null;
  const recorded = loadProcesses(machine, cluster)[host.name];
  return recorded !== undefined && isSame(machine, recorded) ? recorded.pid : null;
}

function describe(machine: Machine, network: Cluster['network'], host: Attached, pid: number | null): AttachedView {
  const { name, phase, address, namespace, origin } = host;
  const runs = pid !== null || (origin.kind === 'netns' && isThere(machine, host));
  return {
    ...{ name, host: 'local', network: 'net1', address, namespace, interface: insideOf(host), phase },
    ...{ zone: zoneOf(network, host).name, ipv6: ipv6Of(network, host) },
    ...{ origin: origin.kind, process: runs ? 'running' : 'dead', pid },
    ...{ memoryBytes: pid === null ? null : machine.processes.memoryOf(pid) },
    container: origin.kind === 'process' ? origin.container : null,
    netns: origin.kind === 'netns' ? origin.netns : null,
    command: isCommand(host) ? host.origin.command : null,
    log: isCommand(host) ? host.origin.log : null,
  };
}
