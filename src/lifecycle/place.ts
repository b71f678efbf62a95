import type { Cluster, Node, Seat, ServerOption } from '../cluster/cluster.js';
import { linkName, namespaceName } from '../cluster/names.js';
import { macOf } from '../cluster/subnet.js';
import { serverTitle } from '../cluster/server.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from '../state/clusters.js';
import type { NodeServer, Topology } from '../topologies/topology.js';

/** Where a node gets its place, and what is chosen for it. */
export interface Place {
  readonly machine: Machine;
  readonly topology: Topology;
  readonly cluster: Pick<Cluster, 'id' | 'name'>;
  readonly index: number;
  readonly address: string;
  readonly server: NodeServer;
  readonly options: readonly ServerOption[];
  readonly phase: Node['phase'];
}

/** Gives a seat its place on the machine: namespace, link, paths. Pure. */
export function placeNode({ name, role, group, mac }: Seat, place: Place): Node {
  const { machine, topology, cluster, index, address, server, options, phase } = place;
  const directory = `${clusterDirectory(machine, cluster.name)}/${name}`;
  return {
    ...{ name, index, role, group, phase },
    wanted: 'running',
    image: server.image.ref,
    options,
    server: serverTitle(server.build),
    namespace: namespaceName(cluster.name, name),
    address,
    mac: mac ?? macOf(address),
    link: linkName(cluster.id, index),
    ports: topology.ports,
    directory,
    socket: `${machine.roots.run}/${cluster.name}/${name}/${topology.socketName}`,
    log: `${directory}/server.log`,
  };
}
