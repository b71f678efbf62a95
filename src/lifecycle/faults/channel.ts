import type { Cluster } from '../../cluster/cluster.js';
import type { Channel, ChannelName } from '../../cluster/fault.js';
import { UsageError } from '../../errors/errors.js';
import { topologyNamed } from '../../topologies/registry.js';

/** @throws UsageError where the topology has no such channel. */
export function channelNamed(cluster: Cluster, name: ChannelName | null): Channel | null {
  if (name === null) return null;
  const channels = topologyNamed(cluster.topology).channels(cluster);
  const found = channels.find((channel) => channel.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    `'${cluster.name}' has no channel ${name}: it has ${channels.map((channel) => channel.name).join(', ')}.`,
  );
}

/** Where each is tried. */
export function portsOf(cluster: Cluster, channel: Channel | null): (name: string) => number {
  const [port] = channel?.ports ?? topologyNamed(cluster.topology).channels(cluster)[0]?.ports ?? [];
  const companions = new Map(cluster.companions.map(({ name, ports }) => [name, ports.client]));
  return (name) => (channel === null ? companions.get(name) : undefined) ?? port ?? 1;
}
