import { UsageError } from '../errors/errors.js';

/** Cluster names end up in namespace, file and nft names, and in host names: a DNS label, at most 32 characters. */
const CLUSTER_NAME = /^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** Whether a name can be a cluster's. */
export function isClusterName(name: string): boolean {
  return CLUSTER_NAME.test(name);
}

/** @throws UsageError when the name can't be a cluster's. */
export function assertClusterName(name: string): void {
  if (isClusterName(name)) return;
  const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
  throw new UsageError(
    `'${shown}' can't be a cluster's name: use 1 to 32 of a-z, 0-9 and '-', a letter first and no '-' at the end.`,
  );
}

/** No `-`: after the last one of a namespace's name the host's begins, whatever the cluster is called. */
const HOST_NAME = /^[a-z][a-z0-9]{0,15}$/;
/** Names that mean something else in a hosts file, and those of nodes that may come. */
const NOT_FOR_OTHERS = /^(?:localhost|gateway|node\d+)$/;

/** Whether a host can be called so. */
export function isHostName(name: string): boolean {
  return HOST_NAME.test(name);
}

/** @throws UsageError when a companion or what is attached can't be called so. */
export function assertHostName(name: string): void {
  if (HOST_NAME.test(name) && !NOT_FOR_OTHERS.test(name)) return;
  throw new UsageError(
    `'${name.slice(0, 40)}' can't be the name: use 1 to 16 of a-z and 0-9, a letter first; node1 … , gateway and localhost are taken.`,
  );
}

/** `dbns-CLUSTER-HOST`: the namespace, as `ip netns` knows it. */
export function namespaceName(cluster: string, host: string): string {
  return `dbns-${cluster}-${host}`;
}

const BORROWED = '.attached';

/** `dbns-CLUSTER-HOST.attached`: a name of ours for a namespace of somebody else. */
export function borrowedName(cluster: string, host: string): string {
  return `${namespaceName(cluster, host)}${BORROWED}`;
}

/** By its name alone, whatever else is lost: what runs in there is not ours to end. */
export function isBorrowedNamespace(namespace: string): boolean {
  return namespace.endsWith(BORROWED);
}

/** Whether a namespace is that of some host of a cluster. */
export function isNamespaceOf(cluster: string, namespace: string): boolean {
  const own = isBorrowedNamespace(namespace) ? namespace.slice(0, -BORROWED.length) : namespace;
  const host = own.slice(namespaceName(cluster, '').length);
  return own === namespaceName(cluster, host) && HOST_NAME.test(host);
}

/** The nft table of a cluster. */
export function tableName(cluster: string): string {
  return `dbns-${cluster}`;
}

/** Interface names have at most 15 characters; those of a cluster begin with `dbns` and the first five digits of its id. */
export function stemOf(clusterId: string): string {
  return `dbns${clusterId.slice(0, 5)}`;
}

/** The bridge of a zone, or of a network that has none. */
export function bridgeName(clusterId: string, zone: string | null): string {
  return zone === null ? stemOf(clusterId) : `${stemOf(clusterId)}z${zone}`;
}

/** Host-side end of a node's veth pair. */
export function linkName(clusterId: string, nodeIndex: number): string {
  return `${stemOf(clusterId)}n${nodeIndex}`;
}

/** The same of a host that has no number: by its place in the subnet. */
export function hostLinkName(clusterId: string, place: number): string {
  return `${stemOf(clusterId)}h${place.toString(36)}`;
}

/** The kernel's link groups are numbers; ours start far above the small ones that people type. */
export function linkGroup(clusterId: string): number {
  return 0x5db00000 + Number.parseInt(clusterId.slice(0, 5), 16);
}

/** The first of `base`, `base2`, `base3` … that is not taken. */
export function firstFreeName(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) return base;
  for (let count = 2; ; count++) {
    const name = `${base}${count}`;
    if (!taken.has(name)) return name;
  }
}

/** The variable that says which cluster is there for a command: `dbns run` and fixtures set it, and fixtures read it. */
export const CLUSTER_VARIABLE = 'DBNS_CLUSTER';
