import { hostsOf, type Cluster, type Node, type Seat } from '../../cluster/cluster.js';
import { zoneOf } from '../../cluster/zone.js';
import { UsageError } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { allocateAddresses } from '../../network/allocate.js';
import { checkChosen, type ChosenAddresses } from '../../network/chosen.js';
import { spread, type ChosenZones } from '../../network/zones.js';
import { withLastRoles } from '../../state/roles.js';
import type { GrowthWords, Joining } from '../../topologies/growth.js';
import { topologyNamed } from '../../topologies/registry.js';
import { serverOf, type NodeServer, type Setting, type Topology } from '../../topologies/topology.js';
import { applyPlan } from '../apply.js';
import { nodesPlan } from '../certificates.js';
import { seatByDhcp } from '../by-dhcp.js';
import type { Context, Limited } from '../context.js';
import { dataPlan } from '../data-directories.js';
import type { Ends } from '../ends.js';
import { serverOfImage } from '../image-server.js';
import { placeNode } from '../place.js';
import { buildsOf, pristineDirectory, recipesOf, type Equipment } from '../resolve.js';
import { settingOf } from '../setting.js';
import { watchTransfer } from './transfer.js';
import { serversOf } from '../running/verb.js';

export interface AddRequest extends GrowthWords {
  /** Of those that come; that of the first node when it was not said. */
  readonly image: string | undefined;
  /** Of single ones, by name; or that of the one that comes. The others get the first that are left. */
  readonly addresses?: ChosenAddresses | string;
  /** The zones of single ones, by name; or that of all. The others keep the balance. */
  readonly zones?: ChosenZones | string | undefined;
}

/** Who comes, and how. */
export interface Coming {
  readonly topology: Topology;
  readonly newcomers: readonly Node[];
  /** The cluster with them. */
  readonly setting: Setting;
  readonly recipes: Equipment['recipes'];
  readonly joining: Joining;
}

/**
 * Who would come, and how; nothing is touched.
 * @throws UsageError, NotFoundError, ConflictError; NotReadyError where no DHCP server answers.
 */
export async function planComing(before: Cluster, request: AddRequest, context: Limited): Promise<Coming> {
  const { machine } = context;
  const topology = topologyNamed(before.topology);
  const { settings, seats: wanted } = topology.growth.settle(before, request);
  const { seats, addresses } = await seatsFor(before, wanted, request, context);
  const here = await settingOf(machine, withLastRoles(machine, before));
  const server = await serverOfImage(machine, request.image ?? imageOf(before), topology.kind);
  const servers = new Map([...here.servers, ...seats.map((seat) => [seat.name, server] as const)]);
  const options = before.nodes[0]?.options ?? [];
  topology.check(buildsOf(servers), { settings, options, memory: before.memory });
  const newcomers = place(seats, addresses, { machine, topology, cluster: before, servers });
  const cluster: Cluster = {
    ...here.cluster,
    settings,
    nodes: [...here.cluster.nodes, ...newcomers],
    nextIndex: before.nextIndex + newcomers.length,
  };
  return comingOf(here.cluster, newcomers, { ...here, cluster, servers });
}

/** How nodes come that have a place; `setting` is that of the cluster with them. Nothing is touched. */
export async function comingOf(before: Cluster, newcomers: readonly Node[], setting: Setting): Promise<Coming> {
  const { machine, cluster, servers } = setting;
  const topology = topologyNamed(cluster.topology);
  const { settings } = cluster;
  const options = newcomers[0]?.options ?? [];
  const recipes = recipesOf(machine, topology, { options, settings }, servers, newcomers);
  const states = serversOf(machine, before.nodes);
  const joining = await topology.growth.grow({
    ...{ setting, before, newcomers },
    running: before.nodes.filter((node) => states.get(node.name)?.state === 'running'),
    pristines: new Map(
      [...recipes].flatMap(([name, { key }]) => {
        const directory = pristineDirectory(machine, key);
        return machine.files.exists(directory) ? [[name, directory] as const] : [];
      }),
    ),
  });
  return { topology, newcomers, setting, recipes, joining };
}

function imageOf({ nodes }: Cluster): string {
  const [first] = nodes;
  if (first === undefined) throw new Error('a cluster without nodes');
  return first.image;
}

/** Where the nodes of a LAN have their addresses by DHCP those that come have, too. */
async function seatsFor(cluster: Cluster, wanted: readonly Seat[], request: AddRequest, context: Limited) {
  const { lan, zones } = cluster.network;
  if (lan?.dhcp !== true) return { seats: wanted, addresses: addressesFor(cluster, wanted, request) };
  if (request.addresses !== undefined && Object.keys(request.addresses).length > 0)
    throw new UsageError(`The nodes of '${cluster.name}' have their addresses by DHCP: none is chosen.`);
  const given = await seatByDhcp(wanted, cluster.name, zones[0]?.bridge ?? lan.to, context);
  return { seats: given.seats, addresses: addressesFor(cluster, wanted, { ...request, addresses: given.addresses }) };
}

/** Those that were chosen, and free ones for the others. */
function addressesFor(cluster: Cluster, seats: readonly Seat[], request: Pick<AddRequest, 'addresses' | 'zones'>) {
  const { addresses: wish = {}, zones: zoneWish = {} } = request;
  const { network } = cluster;
  const hosts = hostsOf(cluster);
  const names = seats.map(({ name }) => name);
  const chosen = typeof wish === 'string' ? forTheOnly(names, wish) : wish;
  const chosenZones = typeof zoneWish === 'string' ? forAll(names, zoneWish) : zoneWish;
  for (const name of [...Object.keys(chosen), ...Object.keys(chosenZones)]) assertComes(names, name);
  checkChosen(chosen, network, hosts);
  const there = cluster.nodes.map((node) => ({ group: node.group, zone: zoneOf(network, node) }));
  const zones = spread(network, seats, { zones: chosenZones, addresses: chosen }, there);
  return allocateAddresses(network, { names, zones, chosen, taken: hosts.map(({ address }) => address) });
}

function assertComes(names: readonly string[], name: string): void {
  if (!names.includes(name)) throw new UsageError(`${name} is none of those that come: ${names.join(', ')}.`);
}

function forAll(names: readonly string[], zone: string): ChosenZones {
  return Object.fromEntries(names.map((name) => [name, zone]));
}

function forTheOnly([first = '', ...others]: readonly string[], address: string): ChosenAddresses {
  if (others.length === 0) return { [first]: address };
  throw new UsageError(`${others.length + 1} nodes come: say whose address that is, e.g. --ip ${first}=${address}.`);
}

interface Placing {
  readonly machine: Machine;
  readonly topology: Topology;
  readonly cluster: Cluster;
  readonly servers: ReadonlyMap<string, NodeServer>;
}

/** Numbers go on from the last that was given. */
function place(
  seats: readonly Seat[],
  addresses: readonly string[],
  { machine, topology, cluster, servers }: Placing,
): readonly Node[] {
  return seats.map((seat, position) =>
    placeNode(seat, {
      ...{ machine, topology, cluster, server: serverOf({ servers }, seat), phase: 'adding' },
      index: cluster.nextIndex + position,
      address: addresses[position] ?? '',
      options: cluster.nodes[0]?.options ?? [],
    }),
  );
}

/** Gives newcomers what their data directories begin as; that needs no ground. */
export async function layData(
  { topology, setting, newcomers, recipes, joining }: Coming,
  context: Context,
): Promise<void> {
  const data = dataPlan(topology, setting, recipes, newcomers, joining.beginsAs);
  const plan = { parallel: [data, nodesPlan(setting.machine, setting.cluster, newcomers)] };
  await applyPlan(plan, { ...context, deadline: Infinity });
}

/** Lets newcomers join; their ground and their data are there. */
export async function bringIn({ setting, newcomers, joining }: Coming, context: Limited): Promise<void> {
  const stopWatching = watchTransfer(setting, newcomers, context.observer);
  const ends: Ends = new Map();
  try {
    await applyPlan(joining.join, context, ends);
  } finally {
    stopWatching();
  }
  await applyPlan(joining.finish, context, ends);
}
