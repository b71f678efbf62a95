import type { Machine } from '../host/machine.js';

/** Where all clusters are. */
export function clustersDirectory(machine: Machine): string {
  return `${machine.roots.state}/clusters`;
}

/** Where a cluster's files are; the kernel's lock on this directory is the cluster's lock. */
export function clusterDirectory(machine: Machine, name: string): string {
  return `${clustersDirectory(machine)}/${name}`;
}

/** The cluster itself, as it was resolved. */
export function clusterFile(machine: Machine, name: string): string {
  return `${clusterDirectory(machine, name)}/cluster.json`;
}
