import type { Lan } from './lan.js';
import { isBorrowedNamespace } from './names.js';
import type { ClientTls } from './tls.js';
import type { Layout, Zone } from './zone.js';

/** What was asked for: the words of the user, already of the right form, absent where nothing was said. */
export interface ClusterSpec {
  readonly topology: string;
  readonly name?: string;
  readonly nodes?: number;
  /** Of every node that has none of its own. */
  readonly image?: string;
  /** Of single nodes, by name. */
  readonly nodeImages?: Readonly<Record<string, string>>;
  /** CIDR of the cluster's network, e.g. `10.50.0.0/24`. */
  readonly subnet?: string;
  /** CIDR of which the cluster gets the first free /24 where no subnet is named, e.g. `10.200.0.0/16`. */
  readonly pool?: string;
  /** Of single nodes, by name, inside `subnet`; the others get the first that are left. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** No NAT and no way out for the nodes. */
  readonly internal?: boolean;
  /** The most bytes that a packet of its links has, 576 to 65535; 1500 when absent. */
  readonly mtu?: number;
  /** Each host has an address of IPv6 too, of a unique local /64; when absent none has. */
  readonly ipv6?: boolean;
  /** In how many zones its network is divided, 2 to 4; it is not when absent. */
  readonly zones?: number;
  /** The zones of single nodes, by name; the others are spread evenly. */
  readonly nodeZones?: Readonly<Record<string, string>>;
  /** How nodes are joined; by a bridge when absent. */
  readonly layout?: Layout;
  /** A bridge of somebody else, or an interface of the machine: nodes are in that LAN themselves. */
  readonly bridgeTo?: string;
  /** Addresses of that LAN which are the nodes' to have, e.g. `192.168.7.50-192.168.7.69`. */
  readonly addressRange?: string;
  /** The DHCP server of that LAN gives nodes their addresses. */
  readonly dhcp?: boolean;
  /** The way out of that LAN; as the machine goes when absent. */
  readonly gateway?: string;
  /** An interface joins though the machine's default route goes by it. */
  readonly force?: boolean;
  /** Lines for the server's own configuration, in the order given. */
  readonly options?: readonly ServerOption[];
  /** A node's whole memory budget, bytes. */
  readonly memory?: number;
  /** Flush to disk at every commit. */
  readonly durable?: boolean;
  /** What mysqlds make of TLS with their clients; `offered` when absent. */
  readonly tls?: ClientTls;
  /** What nodes say to each other goes by TLS, and each verifies the other. */
  readonly clusterTls?: boolean;
  readonly password?: string;
  /** Files that are loaded before `create` returns, one after another. */
  readonly init?: readonly string[];
  /** A small shop is filled before that, always the same. */
  readonly sample?: boolean;
  /** What the topology alone understands: its own flags, in its own form. */
  readonly settings?: Settings;
}

/** How the sample is named among what a cluster was filled with. */
const SAMPLE = 'sample';

/** What a cluster is to be filled with, in order. */
export function initOf({ sample, init }: Pick<ClusterSpec, 'sample' | 'init'>): readonly string[] {
  return [...(sample === true ? [SAMPLE] : []), ...(init ?? [])];
}

/** Words of a topology, as JSON; it alone reads them. */
export type Settings = Readonly<Record<string, unknown>>;

/** One `key=value` of a server's configuration; a key alone has the value null. */
export interface ServerOption {
  readonly key: string;
  readonly value: string | null;
  /** The section of a configuration file that it stands in, for the servers that read that; for all when absent. */
  readonly section?: string | undefined;
  /** Where the user wrote it, e.g. `my.cnf:3`: for messages alone. */
  readonly origin?: string;
}

/** A cluster as it was resolved: nothing is left open. This is what is saved. */
export interface Cluster {
  /** Random, eight hex digits: the mark on everything that belongs to the cluster. */
  readonly id: string;
  readonly name: string;
  readonly topology: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /**
   * `creating` until `create` has returned, `resetting` from the first step of a `reset` to its last; the rest of a cluster's
   * state is asked of the machine.
   */
  readonly phase: 'creating' | 'created' | 'resetting' | 'failed';
  /** What a reset goes back to; null until `create` has returned. */
  readonly made: Made | null;
  readonly memory: number | null;
  readonly durable: boolean;
  /** The topology's own, resolved. */
  readonly settings: Settings;
  /** What `create` filled it with, in order: names of files, `sample`. */
  readonly init: readonly string[];
  /** By certificates of the cluster's own CA; null where its servers have none of that. */
  readonly tls: ClientTls | null;
  /** Nodes verify each other by that CA. */
  readonly clusterTls: boolean;
  readonly network: Network;
  readonly nodes: readonly Node[];
  /** Programs beside the nodes that are no members, e.g. proxies. */
  readonly companions: readonly Companion[];
  /** Programs of others on the cluster's network. */
  readonly attached: readonly Attached[];
  /** The number of the next node to come: none is given twice. */
  readonly nextIndex: number;
  /** The change of primary that has begun; null when none has, or it came to its end. */
  readonly turn: Turn | null;
}

/** Who becomes the primary, and whether by force. */
export interface Turn {
  readonly to: string;
  readonly force: boolean;
}

/** A cluster as `create` left it. */
export interface Made {
  readonly settings: Settings;
  /** By name of a node, as its server said. */
  readonly roles: Readonly<Record<string, string>>;
  /** By name of a node: what `set` changed since goes back to these. */
  readonly options: Readonly<Record<string, readonly ServerOption[]>>;
  /** Each node has a copy of the data that it had then: they were more than a pristine directory has. */
  readonly init: boolean;
}

/** Subnet, zones and nft table of a cluster. */
export interface Network {
  readonly name: string;
  /** CIDR. */
  readonly subnet: string;
  /** The /64 of which each host has an address too, CIDR; null where nobody asked for IPv6. */
  readonly ipv6: string | null;
  /** With it the names of all interfaces of the cluster in the machine begin, and of nobody else's. */
  readonly stem: string;
  /** At least one; together they are in the subnet. */
  readonly zones: readonly Zone[];
  /** The LAN that it is a part of; null where it is the cluster's own. */
  readonly lan: Lan | null;
  /** The kernel's number on all links of the cluster: they carry it from their birth and go by it. */
  readonly linkGroup: number;
  /** No way out is wanted. */
  readonly internal: boolean;
  /** Of the bridges and of both ends of each link, bytes. */
  readonly mtu: number;
  /** Interfaces by which NAT leads out, as they were when it was made; empty when the network is internal, and in a LAN. */
  readonly uplinks: readonly string[];
  /** Addresses of nodes that were removed, those that were given back first before the others: the last to be given again. */
  readonly freed: readonly string[];
}

/** Whoever has a place on a cluster's network: a namespace with an address. */
export interface Host {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly mac: string;
  /** Machine-side end of the veth pair. */
  readonly link: string;
}

/** A host whose program dbns runs. */
export interface Program extends Host {
  /** Whether it is to run: what is wanted, whatever is. */
  readonly wanted: 'running' | 'stopped';
  readonly image: string;
  /** What the binary says of itself, e.g. `mariadb 10.11.19`. */
  readonly server: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly directory: string;
  readonly socket: string;
  readonly log: string;
}

/** One server with one address in one network namespace. */
export interface Node extends Program {
  /** Counts from 1. */
  readonly index: number;
  readonly role: string;
  /** The shard or other part that the node belongs to; null when the cluster has no parts. */
  readonly group: string | null;
  /**
   * `adding` until it is ready, `removing` from its first step on, `rebuilding` while it gets its data anew: it does not count
   * as one of the cluster then.
   */
  readonly phase: 'added' | 'adding' | 'removing' | 'rebuilding';
  /** Lines of its own configuration, in the order given. */
  readonly options: readonly ServerOption[];
}

/** A program that stands in front of a cluster: no member of it, and treated like a node by all that is done to one. */
export interface Companion extends Program {
  /** A folder of companions/: `haproxy` … */
  readonly kind: string;
  /** `adding` until it is ready, `removing` from its first step on. */
  readonly phase: 'added' | 'adding' | 'removing';
  /** Its kind's own words. */
  readonly settings: Settings;
}

/** A program of somebody's on the cluster's network: no member, and no server of dbns's. */
export interface Attached extends Host {
  /** `adding` until it is on the network, `removing` from the first step of its going on. */
  readonly phase: 'added' | 'adding' | 'removing';
  readonly origin: Origin;
}

/** Whose the network namespace is that is attached. */
export type Origin =
  /** That of a process, or of the container that it is the first one of. It is left as it was found. */
  | { readonly kind: 'process'; readonly process: ProcessMark; readonly container: string | null }
  /** One that `ip netns` knows; the inode tells it from a later one of the name. */
  | { readonly kind: 'netns'; readonly netns: string; readonly inode: number }
  /** dbns made it, and started a program in there. */
  | { readonly kind: 'command'; readonly command: readonly string[]; readonly directory: string; readonly log: string };

/** What tells a process from a later one of its number. */
export interface ProcessMark {
  readonly pid: number;
  /** Clock ticks since the boot. */
  readonly startTime: number;
  readonly bootId: string;
}

/** What is attached and was started by dbns. */
export type Command = Attached & { readonly origin: Extract<Origin, { kind: 'command' }> };

export function isCommand(host: Attached): host is Command {
  return host.origin.kind === 'command';
}

/** Whether a host's namespace is somebody else's: nothing in there is dbns's to change but its own interface. */
export function isBorrowed(host: Host): boolean {
  return isBorrowedNamespace(host.namespace);
}

/** All that have a place on the cluster's network. */
export function hostsOf({ nodes, companions, attached }: Pick<Cluster, 'nodes' | 'companions' | 'attached'>) {
  return [...nodes, ...companions, ...attached] as readonly Host[];
}

/** Whether its `create` has returned: it has its place, whatever became of it since. */
export function cameUp({ phase }: Pick<Cluster, 'phase'>): boolean {
  return phase === 'created' || phase === 'resetting';
}

/** The hosts whose programs dbns runs. */
export function programsOf({ nodes, companions }: Pick<Cluster, 'nodes' | 'companions'>): readonly Program[] {
  return [...nodes, ...companions];
}

/** The nodes whose servers are to run: by them a cluster is whole. */
export function wantedNodes({ nodes }: Pick<Cluster, 'nodes'>): readonly Node[] {
  return nodes.filter(({ phase, wanted }) => phase === 'added' && wanted === 'running');
}

/** A cluster without the nodes that an `add`, a `remove` or a `rebuild` is at work on, or was. */
export function settledPart(cluster: Cluster): Cluster {
  return { ...cluster, nodes: cluster.nodes.filter(({ phase }) => phase === 'added') };
}

/** A cluster without some nodes. */
export function without(cluster: Cluster, leaving: readonly Pick<Node, 'name'>[]): Cluster {
  const names = new Set(leaving.map(({ name }) => name));
  return { ...cluster, nodes: cluster.nodes.filter(({ name }) => !names.has(name)) };
}

/** A node that is wanted, before it has a place on the machine. */
export type Seat = Pick<Node, 'name' | 'role' | 'group'> & {
  /** Where it had to be known before its address. */
  readonly mac?: string;
};

/** Names of nodes for a sentence: `node1, node2`. */
export function namesOf(nodes: readonly Pick<Node, 'name'>[], by = ', '): string {
  return nodes.map(({ name }) => name).join(by);
}

/** The names of the nodes that come next. */
export function nextNames({ nextIndex }: Pick<Cluster, 'nextIndex'>, count: number): readonly string[] {
  return nodeNames(count, nextIndex);
}

/** `node1` … `nodeN`, or from another number on. */
export function nodeNames(count: number, first = 1): readonly string[] {
  return Array.from({ length: count }, (_, position) => `node${first + position}`);
}
