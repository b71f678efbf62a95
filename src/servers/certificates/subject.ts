import { networkInterfaces } from 'node:os';
import type { Cluster, Node } from '../../cluster/cluster.js';
import { addressesOf, familiesOf } from '../../cluster/family.js';
import { ANY, type Exposure } from '../../cluster/rules.js';
import type { Subject } from '../../cluster/tls.js';

/**
 * By what a node is reached: its own name and address, those of the proxies in front of it, which pass its certificate on, and
 * those of the machine at which it is exposed.
 */
export function nodeSubject(cluster: Cluster, exposures: readonly Exposure[], node: Node): Subject {
  const hosts = [node, ...cluster.companions.filter(({ phase }) => phase !== 'removing')];
  const bound = exposures.flatMap(({ bind }) => (bind === ANY ? machineAddresses() : [bind]));
  return {
    name: node.name,
    names: unique([...hosts.flatMap(({ name }) => [name, `${name}.${cluster.name}`]), cluster.name, 'localhost']),
    addresses: unique([
      ...hosts.flatMap((host) => addressesOf(cluster.network, host)),
      ...familiesOf(cluster.network).map(({ loopback }) => loopback),
      ...bound,
    ]),
  };
}

/** By any of them whatever is exposed at all of them is reached. */
function machineAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.flatMap(({ family, address }) => (family === 'IPv4' ? [address] : [])),
  );
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}
