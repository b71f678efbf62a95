import { createHash } from 'node:crypto';
import type { ClusterSpec } from '../cluster/cluster.js';
import { assertClusterName } from '../cluster/names.js';
import { parseSubnet } from '../cluster/subnet.js';
import { UsageError } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import type { Image } from '../images/image.js';
import { rootMounts } from '../images/root-mounts.js';
import { loadServer } from '../state/servers.js';
import type { NodeServer, Topology } from '../topologies/topology.js';

/** @throws UsageError for what can be told from the words alone. */
export function checkWords(spec: ClusterSpec, topology: Topology): number {
  if (spec.name !== undefined) assertClusterName(spec.name);
  const { least, most } = topology.nodes;
  const count = spec.nodes ?? topology.nodes.default;
  if (!Number.isInteger(count) || count < least || count > most) {
    throw new UsageError(`--nodes ${count}: a ${topology.name} cluster has ${least} to ${most} nodes.`);
  }
  topology.checkWords(spec);
  if (spec.subnet !== undefined) parseSubnet(spec.subnet, count);
  if (spec.password !== undefined && !/^[\x20-\x7e]{1,128}$/.test(spec.password)) {
    throw new UsageError('The password must be one line of 1 to 128 printable ASCII characters.');
  }
  return count;
}

/** The server of an image: what its binary says, or said when a `create` asked it. */
export async function resolveServer(
  machine: Machine,
  topology: Topology,
  image: Image,
): Promise<Omit<NodeServer, 'pristine'>> {
  const mounts = await rootMounts(machine, image);
  const build = loadServer(machine, image.build) ?? (await topology.inspect(machine, image));
  return { build, image, rootMounts: mounts };
}

/** Where a pristine directory of this key is, or will be. */
export function pristineDirectory(machine: Machine, key: string): string {
  return `${pristinesDirectory(machine)}/${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

export function pristinesDirectory(machine: Machine): string {
  return `${machine.roots.state}/pristine`;
}
