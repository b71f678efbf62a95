import type { Fault } from '../cluster/fault.js';
import type { Lan } from '../cluster/lan.js';
import type { Layout } from '../cluster/zone.js';
import type { Exit } from '../servers/exit.js';
import type { StatusValue } from '../topologies/topology.js';

/** A cluster as scripts see it: the one JSON form of create, status and list (schema/cluster.schema.json). */
export interface ClusterView {
  readonly name: string;
  readonly topology: string;
  readonly state: 'creating' | 'running' | 'degraded' | 'stopped' | 'resetting' | 'failed' | 'broken';
  /** ISO 8601, UTC. Of a broken one: when its directory was last changed. */
  readonly createdAt: string;
  readonly networks: readonly NetworkView[];
  readonly nodes: readonly NodeView[];
  /** Proxies: no members, and the state of the cluster is not theirs. */
  readonly companions: readonly CompanionView[];
  /** Programs of others on the cluster's network. */
  readonly attached: readonly AttachedView[];
  /** The clusters that it is linked with. */
  readonly links: readonly LinkView[];
  /** Ports of the machine that lead to hosts of the cluster. */
  readonly exposures: readonly ExposureView[];
  /** What is broken on purpose now. */
  readonly faults: readonly FaultView[];
  /** For how long it is there; null is until somebody destroys it. */
  readonly lease: LeaseView | null;
  /** The process that sees to what outlives commands; null where nothing does, or it has ended: status starts it again. */
  readonly keeper: KeeperView | null;
  /** With the state `broken` alone, which has neither networks nor nodes: what is wrong, and what to do. */
  readonly broken?: { readonly why: string; readonly advice: readonly string[] };
}

/** What a cluster is there for: the first of these to end ends it. */
export interface LeaseView {
  /** Numbers of processes. */
  readonly processes: readonly number[];
  /** ISO 8601, UTC; null where its time has no end. */
  readonly until: string | null;
}

/** Something that is broken on purpose, as scripts see it. */
export interface FaultView {
  /** By which it is healed: `f1`. */
  readonly id: string;
  readonly kind: Fault['kind'];
  /** Which packets or programs it takes, in words. */
  readonly takes: string;
  /** Names of the hosts that it concerns. */
  readonly hosts: readonly string[];
  /** ISO 8601, UTC. */
  readonly since: string;
  /** When it ends by itself; null is: when it is healed. */
  readonly until: string | null;
  /** Milliseconds that are left; null where it has no end. */
  readonly left: number | null;
  /** What it took so far, in packets and bytes; null where nothing is counted. */
  readonly taken: { readonly packets: number; readonly bytes: number } | null;
}

export interface NetworkView {
  readonly name: string;
  readonly subnet: string;
  /** The /64 of which its hosts have an address each too, CIDR; null where nobody asked for IPv6. */
  readonly ipv6: string | null;
  /** `bridge`: nodes of a zone share one. `routed`: each has a link of its own to the machine, which routes. */
  readonly layout: Layout;
  /** The LAN that it is a part of; null where it is the cluster's own. */
  readonly lan: Lan | null;
  /** The machine's own address in it, in a LAN that of its router, if any; null with zones, which have one each. */
  readonly gateway: string | null;
  /** Null where there is none, and with zones. */
  readonly bridge: string | null;
  /** None where nobody asked for any. */
  readonly zones: readonly ZoneView[];
}

/** A half or a quarter of a network. */
export interface ZoneView {
  /** `a` to `d`. */
  readonly name: string;
  readonly subnet: string;
  readonly gateway: string;
  /** Null where the machine routes between its nodes too. */
  readonly bridge: string | null;
}

export interface NodeView {
  readonly name: string;
  readonly group: string | null;
  readonly role: string;
  /** Its server said so just now; else it is the last role that is known. */
  readonly roleKnown: boolean;
  readonly host: string;
  readonly image: string;
  readonly server: string;
  readonly network: string;
  /** The zone of the network that its address is in; null where there are none. */
  readonly zone: string | null;
  readonly address: string;
  /** Null where its network has no IPv6. */
  readonly ipv6: string | null;
  readonly ports: Readonly<Record<string, number>>;
  /** `adding`, `removing` or `rebuilding` while that goes on, and after it was cut short: it does not count as one of the cluster then. */
  readonly phase: 'added' | 'adding' | 'removing' | 'rebuilding';
  /** What its server is to do, whatever it does: health is measured against the nodes that are wanted running. */
  readonly wanted: 'running' | 'stopped';
  readonly process: ProcessState;
  /** How its server ended; null while it runs, and when that is not known. */
  readonly exit: Exit | null;
  readonly healthy: boolean;
  readonly pid: number | null;
  readonly namespace: string;
  readonly socket: string;
  readonly log: string;
  /** Resident, bytes. */
  readonly memoryBytes: number | null;
  /** The topology's own words. */
  readonly status: Readonly<Record<string, StatusValue>>;
}

/** A node seen by itself; its cluster's network says in which zone it is, and its IPv6 address. */
export type NodeSeen = Omit<NodeView, 'zone' | 'ipv6'>;

/** A program that stands in front of a cluster, seen as a node is. */
export interface CompanionView extends Pick<
  NodeView,
  | 'name'
  | 'host'
  | 'image'
  | 'server'
  | 'network'
  | 'zone'
  | 'address'
  | 'ipv6'
  | 'ports'
  | 'wanted'
  | 'process'
  | 'exit'
  | 'healthy'
  | 'pid'
  | 'namespace'
  | 'socket'
  | 'log'
  | 'memoryBytes'
> {
  readonly kind: string;
  /** `adding` until it is ready, `removing` from its first step on. */
  readonly phase: 'added' | 'adding' | 'removing';
  /** Where it says that it leads clients, by names of nodes; null when it says nothing. */
  readonly leads: { readonly writer: string | null; readonly readers: readonly string[] } | null;
  /** Why it is not healthy, or leads nobody somewhere; null when all is well, or it says nothing. */
  readonly error: string | null;
}

/** A program on the cluster's network that is no server of dbns's. */
export interface AttachedView extends Pick<
  NodeView,
  'name' | 'host' | 'network' | 'zone' | 'address' | 'ipv6' | 'namespace' | 'pid' | 'memoryBytes'
> {
  readonly phase: 'added' | 'adding' | 'removing';
  /** `process`, `netns`: the namespace is somebody else's. `command`: dbns made it, and started the program. */
  readonly origin: 'process' | 'netns' | 'command';
  readonly process: 'running' | 'dead';
  /** In its namespace. */
  readonly interface: string;
  readonly container: string | null;
  /** Its namespace's own name. */
  readonly netns: string | null;
  readonly command: readonly string[] | null;
  readonly log: string | null;
}

/** That hosts of another cluster are reached from here, or reach hosts here. */
export interface LinkView {
  /** The name of the other cluster. */
  readonly cluster: string;
  readonly subnet: string;
  /** `in`: they reach us. `out`: we reach them. */
  readonly way: 'both' | 'in' | 'out';
  /** Those at which hosts here are reached; none is all but those where servers meet. */
  readonly ports: readonly number[];
  /** Names of the hosts here that are reached; null is all. */
  readonly to: readonly string[] | null;
}

/** A port of the machine that leads to one of a host. */
export interface ExposureView {
  readonly bind: string;
  readonly hostPort: number;
  /** Of a node or companion; null when it leads to whoever takes writes. */
  readonly host: string | null;
  readonly role: 'primary' | null;
  readonly port: number;
  /** The name of the host that it leads to now. */
  readonly leadsTo: string | null;
  /** Why the port is not held; null when it is. */
  readonly error: string | null;
}

export interface KeeperView {
  readonly pid: number;
  /** Resident, bytes. */
  readonly memoryBytes: number | null;
  /** What it does, by what each is known: `127.0.0.1:3306`, `proxy1`. */
  readonly duties: readonly string[];
}

/**
 * `stopped`: it does not run, as is wanted. `dead`: its server ended, and is wanted. `missing`: that, and its namespace is
 * gone. `paused`: stopped by a signal. `slow`: it did not answer in time and was at work meanwhile. `unresponsive`: it
 * runs and does not answer.
 */
export type ProcessState = 'running' | 'stopped' | 'paused' | 'slow' | 'unresponsive' | 'dead' | 'missing';

/** Its server runs and is wanted stopped: a stop was killed half way. */
export function runsUnwanted({ phase, wanted, process }: Pick<NodeView, 'phase' | 'wanted' | 'process'>): boolean {
  return phase === 'added' && wanted === 'stopped' && process !== 'stopped';
}
