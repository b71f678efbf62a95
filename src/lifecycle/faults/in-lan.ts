import type { Cluster } from '../../cluster/cluster.js';
import { GATEWAY } from '../../cluster/fault.js';
import { traitsOf } from '../../cluster/lan.js';
import { UsageError } from '../../errors/errors.js';
import type { Pair } from '../../network/pairs.js';

/**
 * Packets are taken where they come in from a host. What others of a LAN send comes in at no link of the cluster, and at none of its
 * hooks either: one bridge passes it on.
 * @throws UsageError.
 */
export function assertTakenInLan({ name, network }: Cluster, pairs: readonly Pair[]): void {
  if (network.lan === null || !pairs.some(([from]) => from === GATEWAY)) return;
  throw new UsageError(
    `The nodes of '${name}' are in the LAN of ${network.lan.to}: what others there send to them can't be taken.`,
    { suggestions: ['--from node1 --to gateway takes the answers', `dbns fault cut ${name} node1`] },
  );
}

/**
 * Packets are taken, and doubled, by nft.
 * @throws UsageError where they don't meet it.
 */
export function assertMeetsFirewall({ name, network }: Cluster): void {
  if (network.lan === null || traitsOf(network).meetsFirewall) return;
  throw new UsageError(
    `The nodes of '${name}' are at ${network.lan.to}, a bridge of Open vSwitch: packets there do not meet nft, by which they are taken.`,
    { suggestions: [`dbns fault cut ${name} node1`, `dbns fault slow ${name} node1 --delay 50ms`] },
  );
}
