import * as z from 'zod';
import type { Cluster } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from './clusters.js';

const ROLES = z.record(z.string(), z.string());

/**
 * A cluster whose nodes have the roles that their servers had when they were asked last: some change them among
 * themselves. A hint: where it can't be read, the roles are those of `create` and `promote`.
 */
export function withLastRoles(machine: Machine, cluster: Cluster): Cluster {
  const last = loadRoles(machine, cluster.name);
  return { ...cluster, nodes: cluster.nodes.map((node) => ({ ...node, role: last[node.name] ?? node.role })) };
}

function loadRoles(machine: Machine, cluster: string): Readonly<Record<string, string>> {
  try {
    return ROLES.parse(JSON.parse(machine.files.read(fileOf(machine, cluster)) ?? '{}'));
  } catch {
    return {};
  }
}

/** Keeps the roles of nodes, by name; that they can't be kept is no reason to fail. */
export async function saveRoles(
  machine: Machine,
  cluster: string,
  roles: Readonly<Record<string, string>>,
): Promise<void> {
  await machine.files.replace(fileOf(machine, cluster), `${JSON.stringify(roles)}\n`).catch(() => undefined);
}

function fileOf(machine: Machine, cluster: string): string {
  return `${clusterDirectory(machine, cluster)}/roles.json`;
}
