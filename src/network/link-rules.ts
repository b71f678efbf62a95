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
  const from = `iifname "${link.bridge}" oifname "${bridge}"`;
  const whom = link.to === null ? 'all' : link.to.join(', ') || 'nobody';
  const ports = link.ports.join(', ');
  return [
    ...(link.ports.length === 0 ? keptOut(link, from, closed) : []),
    {
      nft: `${from}${addresses(cluster, link)}${ports === '' ? '' : ` tcp dport { ${ports} }`} accept`,
      means: `Hosts of ${link.cluster} reach ${whom} here${ports === '' ? '' : `, at the ports ${ports}`}.`,
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
      means: `Hosts here reach ${cluster}, as far as that lets them.`,
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
function keptOut({ cluster }: ClusterLink, from: string, closed: readonly number[]): readonly Rule[] {
  if (closed.length === 0) return [];
  const ports = closed.join(', ');
  return [
    {
      nft: `${from} tcp dport { ${ports} } drop`,
      means: `Hosts of ${cluster} do not reach the ports ${ports}, where servers meet.`,
    },
  ];
}
