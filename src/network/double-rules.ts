import { hostsOf } from '../cluster/cluster.js';
import { familiesOf, type Family } from '../cluster/family.js';
import { chance, ingressOf, setText, type Doubling, type NamedSet, type Takings } from './fault-rules.js';
import { pairsOf } from './pairs.js';
import type { Chain, Rule, Ruled, TableObject } from './rule.js';

/** Whose packets to one receiver come twice. */
interface Double {
  readonly doubling: Doubling;
  readonly family: Family;
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
  const doubles = familiesOf(cluster.network).flatMap((family) =>
    doublings.flatMap((doubling, position) => doublesOf(cluster, doubling, position, family)),
  );
  const there = doubles.filter(({ link }) => devices.includes(link));
  return {
    objects: there.flatMap(({ sources, doubling, family }) => setText(sources, family.type, doubling)),
    chains: [{ name: 'twice', hook: ingressOf(devices, '10'), rules: there.map(ruleOf) }],
  };
}

function doublesOf(cluster: Ruled, doubling: Doubling, position: number, family: Family): readonly Double[] {
  const hosts = hostsOf(cluster);
  const pairs = pairsOf(cluster, doubling.flows, null);
  return hosts.flatMap(({ name, address, link }) => {
    const senders = pairs.filter(([, to]) => to === name).map(([from]) => from);
    const elements = hosts.filter((host) => senders.includes(host.name)).map((host) => family.addressOf(host.address));
    const sources = { name: `${doubling.fault}_${position + 1}_to_${name}${family.suffix}`, elements };
    return elements.length === 0 ? [] : [{ doubling, family, sources, address: family.addressOf(address), link }];
  });
}

function ruleOf({ doubling: { fault, share }, family, sources, address, link }: Double): Rule {
  return {
    nft: `${family.name} saddr @${sources.name} ${family.name} daddr ${address} ${chance(share)} dup to "${link}"`,
    means: `The fault ${fault} lets ${Number((share * 100).toFixed(2))} % of the packets to ${address} come twice.`,
  };
}
