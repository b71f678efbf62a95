import { hostsOf } from '../cluster/cluster.js';
import { GATEWAY, namedBy, type Channel, type Flow, type Side } from '../cluster/fault.js';
import type { Ruled } from './rule.js';

/** From whom to whom, by names; `GATEWAY` is the machine and whatever is behind it. */
export type Pair = readonly [from: string, to: string];

/** The names of the hosts on a side of a fault, out of those that are there; nobody is `rest` who is named. */
type Those = Pick<Ruled, 'nodes' | 'companions' | 'attached'>;

/**
 * The pairs, in one direction each, whose packets a fault is about. `rest` is the other nodes; where it is clients that are
 * cut off, all others.
 */
export function pairsOf(cluster: Those, flows: readonly Flow[], channel: Channel | null): readonly Pair[] {
  const hosts = hostsOf(cluster).map(({ name }) => name);
  const there = new Set([...hosts, GATEWAY]);
  const named = new Set(namedBy({ flows }));
  const others = channel?.between === 'clients' ? [...there] : cluster.nodes.map(({ name }) => name);
  const rest = others.filter((name) => !named.has(name));
  const on = (side: Side) => (side === 'rest' ? rest : side.filter((name) => there.has(name)));
  const pairs = flows.flatMap(({ from, to }) =>
    on(from).flatMap((one) => on(to).map((other) => [one, other] as const)),
  );
  const wanted = pairs.filter(([from, to]) => from !== to && isOf(channel, from, to));
  return [...new Map(wanted.map((pair) => [pair.join(' '), pair])).values()];
}

function isOf(channel: Channel | null, from: string, to: string): boolean {
  if (channel === null) return true;
  const areServers = channel.servers.includes(from) && channel.servers.includes(to);
  return areServers === (channel.between === 'servers');
}
