import { hostsOf, type Cluster, type Host } from '../../cluster/cluster.js';
import { addressesOf, inBrackets } from '../../cluster/family.js';
import { GATEWAY, type Channel } from '../../cluster/fault.js';
import type { Machine } from '../../host/machine.js';
import type { Pair } from '../../network/pairs.js';
import { inNamespace } from '../../process/container.js';

/** Ends the connections that stand from hosts to others, and tells the programs there. */
export async function resetConnections(
  machine: Machine,
  cluster: Cluster,
  pairs: readonly Pair[],
  channel: Channel | null,
): Promise<void> {
  const host = new Map(hostsOf(cluster).map((one) => [one.name, one]));
  const ports =
    channel === null
      ? ''
      : ` and ( ${channel.ports.map((port) => `sport = :${port} or dport = :${port}`).join(' or ')} )`;
  const ends = (one: Host) => addressesOf(cluster.network, one).map((address) => `dst ${inBrackets(address)}`);
  // Of those behind the machine it is known by elimination: whoever is no host.
  const beyond = hostsOf(cluster).flatMap((one) => ends(one).map((end) => `not ${end}`));
  for (const from of new Set(pairs.map(([one]) => one))) {
    const to = pairs.filter(([one]) => one === from).map(([, other]) => other);
    const hosts = to.flatMap((name) => host.get(name) ?? []).flatMap(ends);
    const filters = [...hosts, ...(to.includes(GATEWAY) ? [`( ${beyond.join(' and ')} )`] : [])];
    const into = host.get(from);
    const filter = `( ${filters.join(' or ')} )${ports}`;
    const argv = ['ss', '-K', '-n', '-t', filter];
    await machine.run(into === undefined ? argv : inNamespace(into.namespace, argv), { allowFailure: true });
  }
}
