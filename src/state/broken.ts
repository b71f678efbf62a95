import { isCommand, programsOf, type Cluster } from '../cluster/cluster.js';
import { traitsOf } from '../cluster/lan.js';
import { borrowedName, bridgeName, linkGroup, namespaceName, stemOf } from '../cluster/names.js';
import { messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory, clusterFile } from './places.js';

/** A cluster that nobody can say anything about for sure: its cluster.json can't be read, or is another's. */
export interface BrokenCluster {
  readonly name: string;
  /** What is wrong, a sentence that names the file. */
  readonly why: string;
  /** What to do, a command or sentence each. */
  readonly advice: readonly string[];
  /** What its cluster.json still names, as far as that can be read: nobody else gets them. */
  readonly subnets: readonly string[];
  readonly images: readonly string[];
  /** When its directory was last changed, ISO 8601: when it was made is not known. */
  readonly changedAt: string;
}

/** @param owner the name that its cluster.json says, when that is another. */
export function broken(machine: Machine, name: string, why: string, owner = name): BrokenCluster {
  const place = clusterDirectory(machine, name);
  const text = readable(machine, clusterFile(machine, name));
  const original = clusterDirectory(machine, owner);
  const wasRenamed = owner !== name && !machine.files.exists(original);
  return {
    ...{ name, why },
    advice: [...(wasRenamed ? [`mv ${place} ${original}`] : []), `dbns destroy ${name}`],
    subnets: said(text, 'subnet'),
    images: said(text, 'image'),
    changedAt: new Date(machine.files.stat(place)?.mtimeMs ?? 0).toISOString(),
  };
}

/** A cluster whose file can be read, and that this dbns can do nothing with. */
export function unusable(machine: Machine, { name }: Cluster, error: unknown): BrokenCluster {
  const [said = ''] = messageOf(error).trim().split('\n');
  return broken(machine, name, `${clusterFile(machine, name)} can't be used: ${said}.`);
}

function readable(machine: Machine, file: string): string {
  try {
    return machine.files.read(file) ?? '';
  } catch {
    return '';
  }
}

/** The values of a field, also in a text that is cut or of another version. */
function said(text: string, field: string): readonly string[] {
  return [
    ...new Set([...text.matchAll(new RegExp(`"${field}":\\s*"([^"]+)"`, 'g'))].flatMap(([, value]) => value ?? [])),
  ];
}

/**
 * Why a cluster is not the one of that directory; null when all that names it agrees. Whoever destroyed a copy would
 * destroy what it was copied from.
 */
export function disagreement(machine: Machine, name: string, cluster: Cluster): string | null {
  const file = clusterFile(machine, name);
  if (cluster.name !== name) return `${file} is that of '${cluster.name}': the directory was copied or renamed.`;
  const { id, network } = cluster;
  const agrees =
    network.stem === stemOf(id) &&
    network.zones.every(
      ({ name: zone, bridge }) =>
        bridge === null || bridge === (traitsOf(network).makesBridge ? bridgeName(id, zone) : network.lan?.to),
    ) &&
    network.linkGroup === linkGroup(id) &&
    [...cluster.nodes, ...cluster.companions, ...cluster.attached.filter(isCommand)].every(
      (host) => host.namespace === namespaceName(name, host.name),
    ) &&
    cluster.attached.every((host) => isCommand(host) || host.namespace === borrowedName(name, host.name)) &&
    programsOf(cluster).every((program) => program.directory === `${clusterDirectory(machine, name)}/${program.name}`);
  return agrees ? null : `${file} names things that are not those of '${name}': it was changed.`;
}
