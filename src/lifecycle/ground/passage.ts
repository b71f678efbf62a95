import type { Cluster } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { PASSING_RULES, wayThrough } from '../../network/foreign-firewall.js';
import type { ForwardChain, NetworkObservation } from '../../network/observe.js';
import { removeRules, rulesIn } from '../../network/remove.js';

/** Chains of other firewalls that drop, and have not all of the rules by which a cluster passes. */
export async function unpassedIn(
  machine: Machine,
  { id }: Cluster,
  observation: NetworkObservation,
): Promise<readonly ForwardChain[]> {
  const chains = wayThrough(observation).passable;
  const rules = await Promise.all(chains.map((chain) => rulesIn(machine, chain, id)));
  return chains.filter((_, index) => rules[index]?.length !== PASSING_RULES);
}

/** Some of our rules are no better than none, and would be there twice. */
export async function clearPassage(machine: Machine, { id }: Cluster, unpassed: readonly ForwardChain[]) {
  for (const chain of unpassed) await removeRules(machine, { kind: 'nft-rules', ...chain }, id);
}
