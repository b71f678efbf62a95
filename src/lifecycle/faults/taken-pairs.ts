import { hostsOf, type Cluster } from '../../cluster/cluster.js';
import { GATEWAY, type Fault } from '../../cluster/fault.js';
import { pairsOf, type Pair } from '../../network/pairs.js';
import { channelNamed } from './channel.js';

/** Whose packets a fault takes, from whom to whom. */
export function pairsTakenBy(cluster: Cluster, fault: Fault): readonly Pair[] {
  if (fault.kind === 'partition') return pairsOf(cluster, fault.flows, channelNamed(cluster, fault.channel));
  if (fault.kind === 'slow') return pairsOf(cluster, fault.flows, null);
  if (fault.kind !== 'cut') return [];
  const all = [...hostsOf(cluster).map(({ name }) => name), GATEWAY];
  return fault.hosts.flatMap((host) =>
    all.filter((other) => other !== host).flatMap((other) => [[host, other] as const, [other, host] as const]),
  );
}
