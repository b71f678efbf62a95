import { cameUp } from '../../cluster/cluster.js';
import type { Rules } from '../../cluster/rules.js';
import type { Machine } from '../../host/machine.js';
import { loadClusters, nullWhenGone } from '../../state/clusters.js';
import { loadRules } from '../../state/rules.js';
import { changeRulesOf } from './change-rules.js';

/** The rules of a cluster without its side of a link. */
export function withoutLinkTo(rules: Rules, other: string): Rules {
  const links = rules.links.filter(({ cluster }) => cluster !== other);
  return links.length === rules.links.length ? rules : { ...rules, links };
}

/**
 * Takes away the sides of links that have no other side: that cluster is gone, or is another of its name by now, or who
 * made or ended the link was killed half way. Whatever looks at clusters does this.
 */
export async function dropLostLinks(machine: Machine): Promise<void> {
  for (const [name, other] of await lostSides(machine)) {
    const isLost = async () => (await lostSides(machine)).some((side) => side[0] === name && side[1] === other);
    const there = (await loadClusters(machine)).map((cluster) => cluster.name);
    // Under both locks nobody is just making it.
    await changeRulesOf(machine, there.includes(other) ? [name, other] : [name], async (ruled) => {
      const lost = await isLost();
      return ruled.map(({ rules, cluster }) => (lost && cluster.name === name ? withoutLinkTo(rules, other) : rules));
    }).catch(nullWhenGone);
  }
}

/** Of each that is lost: the cluster that has it, and the one that it names. */
async function lostSides(machine: Machine): Promise<readonly (readonly [string, string])[]> {
  const clusters = (await loadClusters(machine)).filter(cameUp);
  const linksOf = new Map(clusters.map(({ name }) => [name, linksIn(machine, name)]));
  return clusters.flatMap(({ name, network }) =>
    (linksOf.get(name) ?? []).flatMap((link) => {
      const other = clusters.find((one) => one.name === link.cluster && one.network.stem === link.stem);
      const back = other === undefined ? [] : (linksOf.get(other.name) ?? []);
      return back.some((side) => side.cluster === name && side.stem === network.stem)
        ? []
        : [[name, link.cluster] as const];
    }),
  );
}

/** Rules that can't be read are told by whoever needs them. */
function linksIn(machine: Machine, name: string): Rules['links'] {
  try {
    return loadRules(machine, name).links;
  } catch {
    return [];
  }
}
