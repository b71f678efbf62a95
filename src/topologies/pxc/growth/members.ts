import type { Node } from '../../../cluster/cluster.js';
import type { Step } from '../../../cluster/plan.js';
import type { Machine } from '../../../host/machine.js';
import { configStep } from '../../../servers/mysqld/config.js';

/** Who comes and who leaves, by address. */
export interface Change {
  readonly come?: readonly string[];
  readonly leave?: readonly string[];
}

/**
 * A my.cnf whose line names the members that there are now. Whatever else somebody wrote into it stays, and the same change
 * once more changes nothing: one that was broken off is gone through again.
 */
export function withMembers(config: string, { come = [], leave = [] }: Change): string {
  return config.replace(LINE, (_, before: string, list: string, after: string) => {
    const present = list.split(',').filter((address) => address !== '' && !leave.includes(address));
    return `${before}${[...new Set([...present, ...come])].join(',')}${after}`;
  });
}

const LINE = /^(wsrep_cluster_address\s*=\s*gcomm:\/\/)([^?\s]*)(.*)$/m;

/** For the next start: a server that runs learns of the others from those that it knows. */
export function membersSteps({ files }: Machine, nodes: readonly Node[], change: Change): readonly Step[] {
  return nodes.flatMap((node) => {
    const present = files.read(`${node.directory}/my.cnf`);
    if (present === null) return [];
    return [{ ...configStep(node, withMembers(present, change)), step: `name the members in my.cnf of ${node.name}` }];
  });
}
