import type { Cluster } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
import { findImage } from '../images/store.js';
import { loadPassword } from '../state/clusters.js';
import { topologyNamed } from '../topologies/registry.js';
import type { NodeServer, Setting } from '../topologies/topology.js';
import { resolveServer } from './resolve.js';

/** A cluster that was made earlier, with its servers and its password: what plans are made from. */
export async function settingOf(machine: Machine, cluster: Cluster): Promise<Setting> {
  const topology = topologyNamed(cluster.topology);
  const byImage = new Map<string, NodeServer>();
  for (const ref of new Set(cluster.nodes.map(({ image }) => image))) {
    byImage.set(ref, await resolveServer(machine, topology, await findImage(machine, ref)));
  }
  const servers = new Map(
    cluster.nodes.flatMap(({ name, image }) => {
      const server = byImage.get(image);
      return server === undefined ? [] : [[name, server] as const];
    }),
  );
  return { machine, cluster, password: loadPassword(machine, cluster.name), servers };
}
