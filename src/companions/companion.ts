import type { Companion, Node } from '../cluster/cluster.js';
import type { Addressed } from '../cluster/family.js';
import type { Plan } from '../cluster/plan.js';
import type { Machine } from '../host/machine.js';
import type { ServerKind } from '../servers/kind.js';
import type { NodeServer } from '../servers/node-server.js';

/** What a companion stands in front of. */
export interface Front {
  /** The name of the cluster. */
  readonly cluster: string;
  /** What its clients and servers speak to each other. */
  readonly protocol: 'mysql' | 'mongodb';
  /** Where it and they are. */
  readonly network: Addressed;
  /** The nodes where clients come in. */
  readonly nodes: readonly Pick<Node, 'name' | 'index' | 'address' | 'ports' | 'server' | 'options'>[];
  /** A node's whole budget, bytes; null is lean. */
  readonly memory: number | null;
  /** By what whoever watches the servers can tell who takes writes; null where they don't show it. */
  readonly sign: 'wsrep' | 'read_only' | 'super_read_only' | null;
  /** What the servers say that they are, e.g. `mariadb 10.11.19`. */
  readonly server: string;
  /** Of the account `dbns`. */
  readonly password: string;
}

/** Where clients are led, by names of nodes. */
export interface Leading {
  readonly writer: string | null;
  readonly readers: readonly string[];
}

/** A companion with all that its plans are made from. */
export interface CompanionSetting {
  readonly machine: Machine;
  readonly companion: Companion;
  readonly front: Front;
  readonly server: NodeServer;
}

/** Whether a companion leads elsewhere now than it did. */
export type Led = 'led' | 'same';

/** A companion that runs. */
export type Standing = Omit<CompanionSetting, 'server'>;

/** What a companion says of itself. */
export interface CompanionState {
  /** Where it leads writes now, as it says. */
  readonly writer: string | null;
  readonly readers: readonly string[];
  /** Why it leads nobody somewhere, e.g. `node2: Access denied …`; null when it does, or says nothing. */
  readonly reason: string | null;
}

/** How to come in where a companion is told what to do, by the client of the servers behind it. */
export interface AdminAccount {
  readonly user: string;
  readonly password: string;
}

/** An account of the servers that a companion is to know. */
export interface ServerAccount {
  readonly name: string;
  readonly password: string;
}

/**
 * A kind of program that stands in front of clusters: a folder beside this file, and a line in the registry. Nothing else
 * knows its name.
 */
export interface CompanionKind {
  readonly name: string;
  readonly summary: string;
  readonly defaultImage: string;
  /** The program, to be found in an image. */
  readonly server: ServerKind;
  /** In its directory of sockets: by it dbns asks and tells. */
  readonly socketName: string;
  /**
   * Its ports, by name: `client` leads writes to who takes them, `ro` reads to the others.
   * @throws UsageError, a sentence, where it can't stand in front of that.
   */
  ports(front: Front): Readonly<Record<string, number>>;
  /** Writes its configuration and starts it; it leads as it is told from its first moment on. */
  start(setting: CompanionSetting, leading: Leading): Plan;
  /**
   * Brings it to lead so, whatever it does now. `same`: it led so already, or finds out by itself; `led`: it leads elsewhere
   * from now on; `restart`: it must be started anew for that.
   */
  lead(setting: Standing, leading: Leading): Promise<Led | 'restart'>;
  /** @throws Error with its own reason when it says nothing, or nothing good. */
  ask(setting: Standing, timeout: number): Promise<CompanionState>;
  /** TLS goes through as it is: clients see the certificates of servers. */
  readonly passesTls: boolean;
  /** Its admin interface, at `socket`; a sentence where it has none that a client of servers can speak to. */
  readonly admin: ((setting: Standing) => AdminAccount) | string;
  /**
   * Makes an account of the servers known to it, with the password that it has there; a sentence where that needs nothing.
   * @throws ConflictError when the servers refuse it; NotReadyError when nobody answers.
   */
  readonly addUser: ((setting: Standing, account: ServerAccount) => Promise<void>) | string;
}
