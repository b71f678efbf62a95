import type { Cluster } from '../../cluster/cluster.js';
import { inForce, namedBy, timeLeft, type Fault, type Flow, type Side, type Slow } from '../../cluster/fault.js';
import { loadRules } from '../../state/rules.js';
import type { Machine } from '../../host/machine.js';
import { pairsOf } from '../../network/pairs.js';
import type { Count } from '../../network/fault-rules.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { FaultView } from '../view.js';
import { qualityText, rangeText } from './quality-text.js';
import { countsOf } from './takings.js';

/** The faults of a cluster that are in force now. */
export async function faultsNow(machine: Machine, cluster: Cluster): Promise<readonly FaultView[]> {
  const faults = inForce(loadRules(machine, cluster.name).faults, machine.now());
  if (faults.length === 0) return [];
  const counts = machine.isRoot ? await countsOf(machine, cluster.name) : new Map<string, Count>();
  return faults.map((fault) => describeFault(machine, cluster, fault, counts.get(fault.id) ?? null));
}

export function describeFault(machine: Machine, cluster: Cluster, fault: Fault, taken: Count | null): FaultView {
  const { id, kind, since, until } = fault;
  const hosts = 'hosts' in fault ? fault.hosts : hostsIn(cluster, fault);
  const left = timeLeft(fault, machine.now());
  return { id, kind, takes: takesOf(cluster, fault), hosts, since: since.at, until: until?.at ?? null, left, taken };
}

function hostsIn(cluster: Cluster, { flows }: { readonly flows: readonly Flow[] }): readonly string[] {
  return [...new Set(pairsOf(cluster, flows, null).flat())];
}

/** `all packets between node1 and node2, node3` */
function takesOf(cluster: Cluster, fault: Fault): string {
  switch (fault.kind) {
    case 'partition': {
      const [channel] = topologyNamed(cluster.topology)
        .channels(cluster)
        .filter(({ name }) => name === fault.channel);
      const what = channel === undefined ? 'packets' : `${channel.name} (port ${channel.ports.join(', ')})`;
      const fresh = fault.newOnly ? 'new connections: ' : '';
      const told = fault.reset ? `; ${sendersOf(cluster, fault.flows)} told by resets` : '';
      return `${fresh}${what} ${waysOf(cluster, fault.flows, channel?.between === 'clients')}${told}`;
    }
    case 'cut':
      return `all that goes over the links of ${fault.hosts.join(', ')}`;
    case 'slow':
      return slowTaken(cluster, fault);
    case 'kill':
      return `the server of ${fault.hosts.join(', ')}: killed`;
    case 'pause':
      return `the server of ${fault.hosts.join(', ')}: paused`;
  }
}

/** Each kind of packets for itself; where each pair has its own, all of them together. */
function slowTaken(cluster: Cluster, { flows }: Slow): string {
  const kinds = new Map(flows.map(({ quality }) => [JSON.stringify(quality), quality]));
  if (kinds.size > MOST_KINDS)
    return `packets of ${pairsOf(cluster, flows, null).length} pairs, each way: ${rangeText([...kinds.values()])}`;
  const told = [...kinds].map(([kind, quality]) => {
    const those = flows.filter((flow) => JSON.stringify(flow.quality) === kind);
    return `packets ${waysOf(cluster, those, false)}, from each to each: ${qualityText(quality)}`;
  });
  return told.join('; ');
}

const MOST_KINDS = 2;

function sendersOf(cluster: Cluster, flows: readonly Flow[]): string {
  const senders = [...new Set(pairsOf(cluster, flows, null).map(([from]) => from))];
  return `${senders.join(', ')} ${senders.length === 1 ? 'is' : 'are'}`;
}

/** `between node1 and node2, node3; from node4 to node1` */
function waysOf(cluster: Cluster, flows: readonly Flow[], withClients: boolean): string {
  const named = new Set(namedBy({ flows }));
  const rest = cluster.nodes.map(({ name }) => name).filter((name) => !named.has(name));
  const words = (side: Side) =>
    side === 'rest' ? (withClients ? 'whoever else there is' : rest.join(', ')) : side.join(', ');
  const ways = flows
    .map(({ from, to }) => ({ from: words(from), to: words(to) }))
    .filter(({ from, to }) => from !== '' && to !== '');
  const isTwoWay = ({ from, to }: { from: string; to: string }) =>
    ways.some((way) => way.from === to && way.to === from);
  const once = ways.filter((way, position) => {
    const other = ways.findIndex(({ from, to }) => from === way.to && to === way.from);
    return other === -1 || position < other;
  });
  return once
    .map((way) => (isTwoWay(way) ? `between ${way.from} and ${way.to}` : `from ${way.from} to ${way.to}`))
    .join('; ');
}
