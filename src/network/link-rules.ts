import { hostsOf } from '../cluster/cluster.js';
import { familiesOf } from '../cluster/family.js';
import type { ClusterLink } from '../cluster/rules.js';
import { insides } from './insides.js';
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
  const [here, there] = [insides(cluster.network), insides(link)];
  const from = `iifname ${there} oifname ${here}`;
  const whom = link.to === null ? 'all' : link.to.join(', ') || 'nobody';
  const ports = link.ports.join(', ');
  return [
    ...(link.ports.length === 0 ? keptOut(link, from, closed) : []),
    ...addresses(cluster, link).map((reached) => ({
      nft: `${from}${reached}${ports === '' ? '' : ` tcp dport { ${ports} }`} accept`,
      means: `Hosts of ${link.cluster} reach ${whom} here${ports === '' ? '' : `, at the ports ${ports}`}.`,
    })),
    {
      nft: `iifname ${here} oifname ${there} ct state established,related accept`,
      means: `Answers to that go to ${link.cluster}.`,
    },
  ];
}

function outwards({ network }: Ruled, link: ClusterLink): readonly Rule[] {
  const [here, there] = [insides(network), insides(link)];
  const { cluster } = link;
  return [
    {
      nft: `iifname ${here} oifname ${there} accept`,
      means: `Hosts here reach ${cluster}, as far as that lets them.`,
    },
    {
      nft: `iifname ${there} oifname ${here} ct state established,related accept`,
      means: `Answers to that come from ${cluster}.`,
    },
  ];
}

/** Of each family. With nobody left of those that were named nobody is reached. */
function addresses(cluster: Ruled, { to }: ClusterLink): readonly string[] {
  if (to === null) return [''];
  const reached = hostsOf(cluster).filter(({ name }) => to.includes(name));
  const nobody = cluster.network.zones.flatMap(({ gateway }) => gateway ?? []);
  const those = reached.length === 0 ? nobody : reached.map(({ address }) => address);
  return familiesOf(cluster.network).map(
    ({ name, addressOf }) => ` ${name} daddr { ${those.map(addressOf).join(', ')} }`,
  );
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
