import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { DEFAULT_POOL } from '../cluster/subnet.js';
import type { Choice } from '../lifecycle/choose.js';
import { ROLES } from '../lifecycle/reach/roles.js';

/** A word of the call. oclif would take a missing one from stdin, which belongs to the client or to a script. */
export function word(description: string) {
  return Args.string({ description, ignoreStdin: true });
}

/** A word that must be there. */
export function requiredWord(description: string) {
  return Args.string({ description, ignoreStdin: true, required: true });
}

/** The cluster, and a node of it, as most commands take them. */
export const clusterArg = word('name of the cluster; the only one when absent');
export const nodeArg = word('name of the node; one of the role when absent');

/** Which nodes a verb is about. */
export const nodesArgs = {
  names: Args.string({
    description: 'name of the cluster (the only one when absent), and of nodes of it',
    ignoreStdin: true,
    multiple: true,
  }),
};

/** The same by other words. */
export const nodesFlags = {
  role: Flags.string({ summary: 'nodes of a role: primary, replica, secondary, member …', helpValue: 'ROLE' }),
  group: Flags.string({ summary: 'nodes of a shard, the config servers or the routers', helpValue: 'GROUP' }),
  zone: Flags.string({ summary: 'nodes in a zone of the network', helpValue: 'ZONE' }),
  all: Flags.boolean({ char: 'a', summary: 'all nodes of the cluster that is named; all clusters when none is' }),
};

/** Whether nodes are chosen by flags, or by more names than one. */
export function isMany({ role, group, zone, all }: Omit<Choice, 'words'>, words: readonly string[]): boolean {
  return all || [role, group, zone].some((word) => word !== undefined) || words.length > 2;
}

/** For verbs that return when servers are ready. */
export const noWaitFlag = {
  'no-wait': Flags.boolean({ summary: "go on in the background, and return at once; 'dbns wait' waits for it" }),
};

/** Which node is meant where none is named. */
export const roleFlag = Flags.option({ options: ROLES })({
  summary: 'primary: one that takes writes (the default). replica: one that serves reads. any: either, writes first',
});

/** Out of what networks are taken. */
export const poolFlag = Flags.string({
  summary: `networks that nobody names are a /24 of this; ${DEFAULT_POOL} when absent`,
  env: 'DBNS_POOL',
  helpValue: 'CIDR',
});
