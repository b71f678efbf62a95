import { randomBytes } from 'node:crypto';
import {
  hostsOf,
  initOf,
  type Cluster,
  type ClusterSpec,
  type Node,
  type Seat,
  type Settings,
} from '../../cluster/cluster.js';
import { firstFreeName, tableName } from '../../cluster/names.js';
import { readCidr } from '../../cluster/subnet.js';
import { ConflictError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { requireArping } from '../../network/lan/arp.js';
import { checkChosen } from '../../network/chosen.js';
import { findLan, lanNetwork, type LanFound } from '../../network/lan/lan.js';
import { requireEthtool } from '../../network/lan/open-vswitch.js';
import { allocateAddresses, allocateNetwork } from '../../network/allocate.js';
import { assertIpv6 } from '../../network/ipv6.js';
import type { NetworkObservation, TakenSubnet } from '../../network/observe.js';
import { spread } from '../../network/zones.js';
import { isBroken, type SavedCluster } from '../../state/clusters.js';
import { serverOf, type NodeServer, type Topology } from '../../topologies/topology.js';
import { placeNode } from '../place.js';

/** What a new cluster is resolved from. */
export interface Ground {
  readonly machine: Machine;
  readonly topology: Topology;
  readonly spec: ClusterSpec;
  readonly settings: Settings;
  readonly seats: readonly Seat[];
  /** By node, for all that are wanted. */
  readonly servers: ReadonlyMap<string, NodeServer>;
  readonly observation: NetworkObservation;
  /** The LAN that its nodes are to be in; null where its network is its own. */
  readonly lan: LanFound | null;
  /** The clusters that there are; broken ones too have a name and perhaps a network. */
  readonly saved: readonly SavedCluster[];
}

/**
 * Resolves a spec on a machine as it was observed: name, subnet, addresses, paths. Pure but for the random id.
 * @throws ConflictError when the name, the subnet, or a thing that the cluster would make is taken.
 */
export function resolveCluster(ground: Ground): Cluster {
  const { machine, topology, spec, settings, seats, servers, observation, saved } = ground;
  const id = randomBytes(4).toString('hex');
  const name = spec.name ?? firstFreeName(topology.name, new Set(saved.map((cluster) => cluster.name)));
  assertNameIsFree(name, saved);
  const wish = { ...spec, clusterId: id, nodes: seats.length };
  const network =
    ground.lan === null ? allocateNetwork(wish, observation, takenBy(saved)) : lanNetwork(wish, ground.lan);
  const others = ground.lan === null ? [] : inLan(ground.lan, saved);
  if (ground.lan !== null) checkChosen(spec.addresses ?? {}, network, others);
  assertIpv6(machine, network);
  const names = seats.map((seat) => seat.name);
  const zones = spread(network, seats, { zones: spec.nodeZones ?? {}, addresses: spec.addresses ?? {} });
  const addresses = allocateAddresses(network, {
    names,
    zones,
    chosen: spec.addresses,
    taken: others.map(({ address }) => address),
  });
  const cluster: Cluster = {
    id,
    name,
    topology: topology.name,
    createdAt: new Date().toISOString(),
    phase: 'creating',
    made: null,
    memory: spec.memory ?? null,
    durable: spec.durable ?? false,
    settings,
    init: initOf(spec),
    tls: topology.kind.reloadTls === undefined ? null : (spec.tls ?? 'offered'),
    clusterTls: spec.clusterTls ?? false,
    network,
    nodes: seats.map((seat, position): Node => {
      const [index, server] = [position + 1, serverOf({ servers }, seat)];
      const address = addresses[position] ?? '';
      const options = spec.options ?? [];
      return placeNode(seat, {
        machine,
        topology,
        cluster: { id, name },
        index,
        address,
        server,
        options,
        phase: 'added',
      });
    }),
    companions: [],
    attached: [],
    nextIndex: seats.length + 1,
    turn: null,
  };
  assertAbsent(cluster, observation, machine);
  return cluster;
}

/** The LAN that was asked for, as it is found; null where none was. @throws NotFoundError, UsageError, ConflictError, MachineError. */
export async function lanOf(machine: Machine, { bridgeTo }: ClusterSpec): Promise<LanFound | null> {
  if (bridgeTo === undefined) return null;
  const found = await findLan(machine, bridgeTo);
  await requireArping(machine);
  if (found.userspace) requireEthtool(machine);
  return found;
}

/** Who has an address in a LAN, and may not answer now: the machine, and hosts of clusters that don't stand. */
function inLan({ to, addresses }: LanFound, saved: readonly SavedCluster[]): readonly Pick<Node, 'name' | 'address'>[] {
  const clusters = saved.flatMap((cluster) => (isBroken(cluster) || cluster.network.lan?.to !== to ? [] : [cluster]));
  return [
    ...addresses.map((cidr) => ({ name: 'the machine', address: cidr.split('/')[0] ?? '' })),
    ...clusters.flatMap((one) =>
      hostsOf(one).map(({ name, address }) => ({ name: `${name} of '${one.name}'`, address })),
    ),
  ];
}

function assertNameIsFree(name: string, saved: readonly SavedCluster[]): void {
  if (saved.some((cluster) => cluster.name === name)) {
    throw new ConflictError(`The cluster '${name}' exists already.`, {
      suggestions: [`dbns status ${name}`, `dbns destroy ${name}`],
    });
  }
}

function takenBy(saved: readonly SavedCluster[]): readonly TakenSubnet[] {
  return saved.flatMap((cluster) =>
    (isBroken(cluster) ? cluster.subnets : [cluster.network.subnet]).flatMap((text) => {
      const subnet = readCidr(text);
      return subnet === null ? [] : [{ ...subnet, text: `the network ${text} of the cluster '${cluster.name}'` }];
    }),
  );
}

/** Nothing that the cluster would make may be there: what dbns removes later must be what it made. */
function assertAbsent({ name, network, nodes }: Cluster, observation: NetworkObservation, machine: Machine): void {
  const present = [
    ...nodes
      .filter(({ namespace }) => observation.namespaces.includes(namespace))
      .map(({ namespace }) => `namespace ${namespace}`),
    ...nodes
      .map(({ namespace }) => `${machine.roots.netnsEtc}/${namespace}`)
      .filter((path) => machine.files.exists(path)),
    ...observation.tables.filter((table) => table === tableName(name)).map((table) => `nft table ${table}`),
    ...observation.links
      .filter((link) => link.name.startsWith(network.stem) || link.group === String(network.linkGroup))
      .map((link) => `link ${link.name}`),
    ...[`${machine.roots.run}/${name}`].filter((path) => machine.files.exists(path)),
  ];
  if (present.length === 0) return;
  throw new ConflictError(`There is already, and not by a cluster that dbns knows: ${present.join(', ')}.`, {
    suggestions: ['dbns doctor', 'Take another name for the cluster.'],
  });
}
