import { hostsOf } from '../cluster/cluster.js';
import { chance, ingressOf, setText, type Doubling, type NamedSet, type Takings } from './fault-rules.js';
import { pairsOf } from './pairs.js';
import type { Chain, Rule, Ruled, TableObject } from './rule.js';

/** Whose packets to one receiver come twice. */
interface Double {
  readonly doubling: Doubling;
  readonly sources: NamedSet;
  readonly address: string;
  readonly link: string;
}

/**
 * A copy goes straight to the receiver's link, and waits there like any other packet. netem could do it too, but kernels
 * since 2025 let only one do so at a link; and what was taken before (priority 0) has no copy.
 */
export function doublingPart(
  cluster: Ruled,
  { doublings, devices }: Takings,
): { readonly objects: readonly TableObject[]; readonly chains: readonly Chain[] } {
  const doubles = doublings.flatMap((doubling, position) => doublesOf(cluster, doubling, position));
  const there = doubles.filter(({ link }) => devices.includes(link));
  return {
    objects: there.flatMap(({ sources, doubling }) => setText(sources, 'ipv4_addr', doubling)),
    chains: [{ name: 'twice', hook: ingressOf(devices, '10'), rules: there.map(ruleOf) }],
  };
}

function doublesOf(cluster: Ruled, doubling: Doubling, position: number): readonly Double[] {
  const hosts = hostsOf(cluster);
  const pairs = pairsOf(cluster, doubling.flows, null);
  return hosts.flatMap(({ name, address, link }) => {
    const senders = pairs.filter(([, to]) => to === name).map(([from]) => from);
    const elements = hosts.filter((host) => senders.includes(host.name)).map((host) => host.address);
    const sources = { name: `${doubling.fault}_${position + 1}_to_${name}`, elements };
    return elements.length === 0 ? [] : [{ doubling, sources, address, link }];
  });
}

function ruleOf({ doubling: { fault, share }, sources, address, link }: Double): Rule {
  return {
    nft: `ip saddr @${sources.name} ip daddr ${address} ${chance(share)} dup to "${link}"`,
    means: `The fault ${fault} lets ${Number((share * 100).toFixed(2))} % of the packets to ${address} come twice.`,
  };
}
