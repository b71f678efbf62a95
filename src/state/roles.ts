import * as v from 'valibot';
import type { Cluster } from '../cluster/cluster.js';
import { byName } from '../cluster/schemas.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from './places.js';
import { readRecord, writeRecord, type Format } from './record.js';

type Roles = Readonly<Record<string, string>>;

const ROLES: Format<{ readonly nodes: Roles }> = {
  version: 1,
  schema: v.object({ nodes: byName(v.string()) }),
};

/**
 * A cluster whose nodes have the roles that their servers had when they were asked last: some change them among
 * themselves. A hint: where it can't be read, the roles are those of `create` and `promote`.
 */
export function withLastRoles(machine: Machine, cluster: Cluster): Cluster {
  const found = readRecord(machine, fileOf(machine, cluster.name), ROLES);
  const last: Roles = found.kind === 'whole' ? found.content.nodes : {};
  return { ...cluster, nodes: cluster.nodes.map((node) => ({ ...node, role: last[node.name] ?? node.role })) };
}

/** A role that a node was given counts more than the one it was seen with before. */
export async function keepNewRoles(machine: Machine, before: Cluster, after: Cluster): Promise<void> {
  const seen = withLastRoles(machine, before);
  const roles = after.nodes.map(({ name, role }, position): [string, string] => {
    const isNew = role !== before.nodes[position]?.role;
    return [name, isNew ? role : (seen.nodes[position]?.role ?? role)];
  });
  await saveRoles(machine, after.name, Object.fromEntries(roles));
}
/** Keeps the roles of nodes, by name; that they can't be kept is no reason to fail. */
export async function saveRoles(machine: Machine, cluster: string, nodes: Roles): Promise<void> {
  await writeRecord(machine, fileOf(machine, cluster), ROLES, { nodes }).catch(() => undefined);
}

function fileOf(machine: Machine, cluster: string): string {
  return `${clusterDirectory(machine, cluster)}/roles.json`;
}
