import type { Cluster } from '../cluster/cluster.js';
import type { Step } from '../cluster/plan.js';
import { tableName } from '../cluster/names.js';
import { markOf } from '../cluster/resource.js';
import { chainsOf, type Chain } from './rules.js';

/** The nft table of a cluster. Whatever was there of it is replaced in one transaction. */
export function firewallStep(cluster: Cluster): Step {
  const name = tableName(cluster.name);
  return {
    step: `make nft table ${name}`,
    makes: [{ kind: 'nft-table', family: 'inet', name }],
    acts: [{ do: 'run', argv: ['nft', '-f', '-'], input: replacing(cluster) }],
  };
}

/** nft 1.0.6 has no `destroy`: what is deleted must be there. */
function replacing(cluster: Cluster): string {
  const name = `table inet ${tableName(cluster.name)}`;
  return `add ${name}\ndelete ${name}\n${ruleset(cluster)}`;
}

export function ruleset(cluster: Cluster): string {
  const chains = chainsOf(cluster).map(textOf).join('\n');
  return `table inet ${tableName(cluster.name)} {\n  comment "${markOf(cluster.id)}"\n\n${chains}}\n`;
}

function textOf({ name, hook, rules }: Chain): string {
  const lines = [`type ${hook}; policy accept;`, ...rules.map(({ nft }) => nft)];
  return `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
}
