import type { Cluster } from '../cluster/cluster.js';
import { tableName } from '../cluster/names.js';
import { markOf } from '../cluster/resource.js';
import type { Machine } from '../host/machine.js';
import { listing } from './remove.js';
import { chainsOf } from './rules.js';

/** `changed`: there, and somebody took rules out of it or put some in; or it is not the cluster's own. */
export type TableState = 'in force' | 'changed' | 'missing';

/** Whether the rules of a cluster are those that the kernel goes by. */
export async function tableState(machine: Machine, cluster: Cluster): Promise<TableState> {
  const text = await listing(machine, ['--stateless', 'list', 'table', 'inet', tableName(cluster.name)]);
  return text === null ? 'missing' : judgeTable(text, cluster);
}

/** By what nft listed: nft has words of its own for a rule, so they are counted, chain by chain. */
export function judgeTable(text: string, cluster: Cluster): Exclude<TableState, 'missing'> {
  const found = rulesPerChain(text);
  const wanted = chainsOf(cluster);
  const same = found.size === wanted.length && wanted.every(({ name, rules }) => found.get(name) === rules.length);
  return same && text.includes(`comment "${markOf(cluster.id)}"`) ? 'in force' : 'changed';
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
