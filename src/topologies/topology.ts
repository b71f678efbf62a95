import type { Cluster, ClusterSpec, Node, ServerOption, Settings } from '../cluster/cluster.js';
import type { Channel } from '../cluster/fault.js';
import type { Plan } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';
import type { ClientProgram, Connecting, ServerKind } from '../servers/kind.js';
import type { ServerLog } from '../servers/log.js';
import type { ServerBuild } from '../cluster/server.js';
import type { Asked } from './asked.js';
import type { Data } from './data.js';
import type { Growth } from './growth.js';
import type { Options } from './options.js';
import type { Rebuild } from './rebuild.js';
import type { Life } from './recovery.js';
import type { Role, Routes } from './routes.js';
import type { Transitions } from './transitions.js';
import type { Upgrade } from './upgrade.js';
import { serverOf, type Formation, type NodeServer, type Setting, type Settled } from './setting.js';

export { serverOf };
export type { Asked, ClientProgram, Formation, NodeServer, Setting, Settled };

/** What servers are held to. */
export interface Wanted {
  readonly settings: Settings;
  readonly options: readonly ServerOption[];
  /** A node's whole budget, bytes; null is lean. */
  readonly memory: number | null;
}

/** How a pristine directory is made; all that goes into `key` tells one from another. */
export interface PristineRecipe {
  readonly key: string;
  /** The build of the image that it is made with, and goes with. */
  readonly imageBuild: string;
  /** The plan that makes it in `directory`. */
  readonly plan: (directory: string) => Plan;
  readonly log: ServerLog;
}

/** What a topology says of one node, in its own words. */
export interface Health {
  readonly healthy: boolean;
  /** The role that the node has now, where servers change it among themselves. */
  readonly role?: string;
  readonly status: Readonly<Record<string, StatusValue>>;
}
export type StatusValue = Scalar | readonly Readonly<Record<string, Scalar>>[];
export type Scalar = string | number | boolean | null;

/**
 * A column of the status table: its head, and the key in a node's `status`. What is looked at first comes first: the
 * table shows as many as a line has room for.
 */
export interface StatusColumn {
  readonly head: string;
  readonly key: string;
  /** The list in `status` whose entries have the key: the table has a line for each entry. */
  readonly of?: string;
  /** What a number is: a share from 0 to 1 is shown in per cent. */
  readonly unit?: 'share' | 's';
  /** Whatever stands there is bad news: it is told in a line of its own. */
  readonly alarm?: boolean;
  /** The verb that ends it. */
  readonly remedy?: 'rebuild';
}

/** Where a client comes in. */
export interface Door {
  readonly node: Node;
  /** The user named the node: it alone is meant, and not the cluster by way of it. */
  readonly named: boolean;
  /** A proxy stands there, which has a server's port and not its socket. */
  readonly proxied: boolean;
  /** Who comes in there is shown a certificate of the cluster's CA, if there is one. */
  readonly verifiable: boolean;
  /** Who comes in; the account of the cluster when it is not said. */
  readonly user?: string;
  readonly role: Role;
  /** The nodes that would do as well, this one first. */
  readonly nodes: readonly Node[];
}

/** What an account shows, and where it begins. */
export interface Login {
  readonly password: string;
  /** Null where a client chooses one itself. */
  readonly database: string | null;
}

/** How an account reaches the cluster. */
export interface Connection {
  readonly uri: string;
  readonly host: string;
  readonly port: number;
  /** HOST:PORT of all nodes that would do, this one first. */
  readonly hosts: readonly string[];
  readonly user: string;
  readonly password: string;
  readonly database: string | null;
  /** The file of the CA that servers are verified by; null where they have none. Everybody may read it. */
  readonly ca: string | null;
  /** Variables that clients of this server know, besides those of dbns. */
  readonly env: Readonly<Record<string, string>>;
}

/** Forms besides URIs in which programs are told how to connect. */
export type ConnectionForm = 'jdbc' | 'dsn' | 'mycnf';

/** How a node becomes the primary, planned from what the servers said a moment ago. */
export interface Promotion {
  /** What can be taken back: it may fail, and may be interrupted. */
  readonly prepare: Plan;
  /** Takes that back. */
  readonly undo: Plan;
  /** Roles turn round: carried through to its end. */
  readonly turn: Plan;
  /** The cluster afterwards. */
  readonly cluster: Cluster;
  /** What the former primary had and the new one has not; null when nothing can be lost. */
  readonly loss: Loss | null;
  readonly warnings: readonly string[];
}

/** Transactions that are lost; how many and which is null when that can't be known. */
export interface Loss {
  readonly transactions: number | null;
  readonly gtids: string | null;
}

export interface PromotionRequest {
  readonly setting: Setting;
  readonly node: Node;
  /** The primary is dead, and what it alone has may be lost. */
  readonly force: boolean;
}

/**
 * What the nodes of a cluster are to each other. Each topology is one folder; nothing above it names one, and it names
 * no other. Plans are pure; only `health` asks servers.
 */
export interface Topology {
  readonly name: string;
  readonly summary: string;
  readonly defaultImage: string;
  /** By name. `client` is open to the machine; at the others servers meet servers: only nodes and root get there. */
  readonly ports: Readonly<Record<string, number>>;
  readonly socketName: string;
  /** The server that it runs. */
  readonly kind: ServerKind;
  /**
   * Reads the words that are its own, and says which nodes there will be.
   * @throws UsageError for what can be told from the words alone.
   */
  settle(spec: ClusterSpec): Settled;
  /** @throws UsageError when these servers, by node, can't be such a cluster. */
  check(servers: ReadonlyMap<string, ServerBuild>, wanted: Wanted): void;
  /** How the directory is made that the nodes of a group with this server are cloned from. */
  pristine(
    machine: Machine,
    spec: Pick<ClusterSpec, 'options' | 'settings'>,
    server: NodeServer,
    group: string | null,
  ): PristineRecipe;
  /** Whose directory all nodes of a group are cloned from, where that is one for several servers; absent each from its own. */
  origin?(servers: readonly NodeServer[]): NodeServer | undefined;
  /** What a node's directory needs after its data was cloned and before its server starts. */
  prepare(setting: Setting, node: Node): Plan;
  /** Ways of forming, the fastest first. */
  formations(setting: Setting): readonly Formation[];
  /** After the cluster stands: accounts, forming options back, and every node asked at its address. */
  finish(setting: Setting): Plan;
  /** Every node asked at its address, as its users will. */
  logins(setting: Setting): Plan;
  /**
   * What nodes say that run, all asked at once, by name; for one that does not answer within `timeout` ms the reason.
   */
  health(asked: Asked, nodes: readonly Node[], timeout: number): Promise<ReadonlyMap<string, Health | Error>>;
  /** How its servers say why they did not start. */
  readonly log: ServerLog;
  readonly columns: readonly StatusColumn[];
  /**
   * Plans a new primary; a sentence where there is no such thing.
   * @throws UsageError, ConflictError, NotReadyError when the node can't be the primary, now or ever.
   */
  readonly promote: ((request: PromotionRequest) => Promise<Promotion>) | string;
  readonly routes: Routes;
  /** What flows between hosts of a cluster, and at which ports: by them a fault takes a part of it. */
  channels(cluster: Cluster): readonly Channel[];
  readonly life: Life;
  readonly growth: Growth;
  readonly rebuild: Rebuild;
  readonly options: Options;
  /** A sentence where there is no such thing. */
  readonly upgrade: Upgrade | string;
  readonly data: Data;
  /** Null where nothing but its process and its role makes a node's state. */
  readonly transitions: Transitions | null;
  /** @throws UsageError for a database that can't be. */
  connection(cluster: Cluster, door: Door, login: Login): Connection;
  /** @throws UsageError with the reason where a connection can't be written in a form. */
  write(connection: Connection, form: ConnectionForm): string;
  /** The image's own client; with a statement it runs that and ends. */
  client(cluster: Cluster, door: Door, server: ServerBuild, password: string, statement?: string): ClientProgram;
  /** Any program of the image's, by its name. */
  connecting(cluster: Cluster, door: Door, password: string, program: string): Connecting;
}
