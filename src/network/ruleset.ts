import type { Cluster } from '../cluster/cluster.js';
import type { Step } from '../cluster/plan.js';
import { tableName } from '../cluster/names.js';
import { markOf } from '../cluster/resource.js';
import { NO_RULES, type Rules } from '../cluster/rules.js';
import { NO_TAKINGS, type Takings } from './fault-rules.js';
import type { Chain, TableObject } from './rule.js';
import { tablesOf, type Table } from './rules.js';

/** The nft tables of a cluster. Whatever was there of them is replaced in one transaction. */
export function firewallStep(cluster: Cluster, rules: Rules = NO_RULES, takings: Takings = NO_TAKINGS): Step {
  const name = tableName(cluster.name);
  const tables = tablesOf(cluster, rules, takings);
  return {
    step: `make nft table ${name}`,
    makes: tables.map(({ family }) => ({ kind: 'nft-table', family, name })),
    acts: [{ do: 'run', argv: ['nft', '-f', '-'], input: tables.map((table) => replacing(cluster, table)).join('') }],
  };
}

/** nft 1.0.6 has no `destroy`: what is deleted must be there. */
function replacing(cluster: Cluster, table: Table): string {
  const name = `table ${table.family} ${tableName(cluster.name)}`;
  return `add ${name}\ndelete ${name}\n${textOf(cluster, table)}`;
}

function textOf(cluster: Cluster, { family, objects, chains }: Table): string {
  const body = [...objects.map(objectText), ...chains.map(chainText)].join('\n');
  return `table ${family} ${tableName(cluster.name)} {\n  comment "${markOf(cluster.id)}"\n\n${body}}\n`;
}

/** All that nft reads. */
export function ruleset(cluster: Cluster, rules: Rules = NO_RULES, takings: Takings = NO_TAKINGS): string {
  return tablesOf(cluster, rules, takings)
    .map((table) => textOf(cluster, table))
    .join('');
}

function objectText({ kind, name, body }: TableObject): string {
  return block(`${kind} ${name}`, body);
}

function chainText({ name, hook, rules }: Chain): string {
  return block(`chain ${name}`, [`type ${hook}; policy accept;`, ...rules.map(({ nft }) => nft)]);
}

function block(head: string, lines: readonly string[]): string {
  return `  ${head} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
}
