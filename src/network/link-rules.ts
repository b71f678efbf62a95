import { hostsOf } from '../cluster/cluster.js';
import type { ClusterLink } from '../cluster/rules.js';
import type { Rule, Ruled } from './rule.js';

/**
 * What passes between this cluster and those that it is linked with. Each side says who and what is reached there: an
 * accept ends its own table alone.
 */
export function linkPasses(cluster: Ruled, links: readonly ClusterLink[], closed: readonly number[]): readonly Rule[] {
  return links.flatMap((link) => [
    ...(link.way === 'out' ? [] : inwards(cluster, link, closed)),
    ...(link.way === 'in' ? [] : outwards(cluster, link)),
  ]);
}

function inwards(cluster: Ruled, link: ClusterLink, closed: readonly number[]): readonly Rule[] {
  const { bridge } = cluster.network;
  const whom = link.to === null ? 'all' : link.to.join(', ');
  const where = link.ports.length === 0 ? '' : ` at ${link.ports.join(', ')}`;
  return [
    {
      nft: `iifname "${link.bridge}" oifname "${bridge}"${addresses(cluster, link)}${portsOf(link, closed)} accept`,
      means: `Hosts of ${link.cluster} reach ${whom} here${where}.`,
    },
    {
      nft: `iifname "${bridge}" oifname "${link.bridge}" ct state established,related accept`,
      means: `Answers to that go to ${link.cluster}.`,
    },
  ];
}

function outwards({ network: { bridge } }: Ruled, { bridge: there, cluster }: ClusterLink): readonly Rule[] {
  return [
    {
      nft: `iifname "${bridge}" oifname "${there}" accept`,
      means: `Hosts here reach ${cluster}, where that lets them.`,
    },
    {
      nft: `iifname "${there}" oifname "${bridge}" ct state established,related accept`,
      means: `Answers to that come from ${cluster}.`,
    },
  ];
}

/** With nobody left of those that were named nobody is reached. */
function addresses(cluster: Ruled, { to }: ClusterLink): string {
  if (to === null) return '';
  const reached = hostsOf(cluster).filter(({ name }) => to.includes(name));
  return ` ip daddr { ${reached.length === 0 ? cluster.network.gateway : reached.map(({ address }) => address).join(', ')} }`;
}

/** Where servers meet nobody is asked for a password: those ports are reached only where they are named. */
function portsOf({ ports }: ClusterLink, closed: readonly number[]): string {
  if (ports.length > 0) return ` tcp dport { ${ports.join(', ')} }`;
  return closed.length === 0 ? '' : ` th dport != { ${closed.join(', ')} }`;
}
