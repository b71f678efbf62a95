import type { Node } from '../cluster/cluster.js';
import { CHANNELS, type Channel, type ChannelName } from '../cluster/fault.js';

/** Channels by their ports; clients are whoever is none of the servers. */
export function channelsAt(
  servers: readonly Pick<Node, 'name'>[],
  ports: Readonly<Partial<Record<ChannelName, readonly number[]>>>,
): readonly Channel[] {
  const names = servers.map(({ name }) => name);
  return CHANNELS.flatMap((name) => {
    const at = ports[name];
    const between = name === 'client' ? 'clients' : 'servers';
    return at === undefined ? [] : [{ name, ports: at, between, servers: names } as const];
  });
}
