import type { Cluster } from '../cluster/cluster.js';
import { tableName } from '../cluster/names.js';
import { markOf } from '../cluster/resource.js';
import type { Rules } from '../cluster/rules.js';
import type { Machine } from '../host/machine.js';
import type { Takings } from './fault-rules.js';
import { listing } from './remove.js';
import { tablesOf, type Table } from './rules.js';

/** `changed`: there, and somebody took rules out of it or put some in; or it is not the cluster's own. */
export type TableState = 'in force' | 'changed' | 'missing';

/** Whether a cluster's rules are those that the kernel goes by, table by table, by family and name. */
export async function tableStates(
  machine: Machine,
  cluster: Cluster,
  rules: Rules,
  takings: Takings,
): Promise<ReadonlyMap<string, TableState>> {
  const states = tablesOf(cluster, rules, takings).map(async (table) => {
    const words = [table.family, tableName(cluster.name)];
    const text = await listing(machine, ['--stateless', 'list', 'table', ...words]);
    return [words.join(' '), text === null ? 'missing' : judgeTable(text, cluster, table)] as const;
  });
  return new Map(await Promise.all(states));
}

/** By what nft listed: nft has words of its own for a rule, so they are counted, chain by chain. */
export function judgeTable(
  text: string,
  { id }: Pick<Cluster, 'id'>,
  { chains }: Table,
): Exclude<TableState, 'missing'> {
  const found = rulesPerChain(text);
  const same = found.size === chains.length && chains.every(({ name, rules }) => found.get(name) === rules.length);
  return same && text.includes(`comment "${markOf(id)}"`) ? 'in force' : 'changed';
}

function rulesPerChain(text: string): ReadonlyMap<string, number> {
  const chains = text.matchAll(/^\tchain (\S+) \{\n((?:\t\t.*\n)*)\t\}/gm);
  return new Map(
    [...chains].map(([, name = '', body = '']) => [
      name,
      body.split('\n').filter((line) => line !== '' && !line.startsWith('\t\ttype ')).length,
    ]),
  );
}
