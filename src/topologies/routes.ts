import type { Cluster, Node } from '../cluster/cluster.js';
import type { Asked } from './asked.js';

/** What a client can do at a node now. */
export interface Route {
  readonly writes: boolean;
  /** It is there for reads: a replica, a secondary, a node that is like all others. A primary that has replicas is not. */
  readonly reads: boolean;
  /** What goes after "node1 is": `a replica`, `RECOVERING` … */
  readonly is: string;
  /** Why what is read and written there may not last; null when all is well. */
  readonly alarm: string | null;
}

/**
 * Who takes writes and who serves reads, as the servers say now: by it clients are led that name no node. A part of a
 * topology.
 */
export interface Routes {
  /** Where clients come in, in the order in which they are tried; by the roles that were known last. */
  entries(cluster: Cluster): readonly Node[];
  /** What the entries that run say, all asked at once, by name; for one that does not answer within `timeout` ms why. */
  ask(asked: Asked, nodes: readonly Node[], timeout: number): Promise<ReadonlyMap<string, Route | Error>>;
  /** The name of the node that answers the cluster's account at an address, perhaps by way of a proxy. */
  whoAnswers(asked: Asked, at: Way, timeout: number): Promise<string>;
  /**
   * By what whoever watches servers, and asks none of the others, can tell that one takes writes: a variable, or Galera's state.
   * Null where several take them and each says so of itself.
   */
  sign(cluster: Cluster): Sign | null;
  /** What clients and servers speak to each other. */
  readonly protocol: 'mysql' | 'mongodb';
  /** One URI is for the whole cluster, and who has it finds the node of a role by itself, now and later. */
  readonly clientsFollow: boolean;
}

export type Sign = 'wsrep' | 'read_only' | 'super_read_only';

/** Where somebody answers, and what is asked for: of a proxy it may be another who answers writes than who answers reads. */
export interface Way {
  readonly host: string;
  readonly port: number;
  readonly what: 'writes' | 'reads';
}

/** What a client is for: to write, to read, or whatever can be done. */
export const ROLES = ['primary', 'replica', 'any'] as const;
export type Role = (typeof ROLES)[number];

export function suits({ writes, reads }: Route, role: Role): boolean {
  return { primary: writes, replica: reads, any: writes || reads }[role];
}

/** Nodes with the primaries before the others. */
export function primariesFirst({ nodes }: Pick<Cluster, 'nodes'>): readonly Node[] {
  return [...nodes].sort((a, b) => Number(b.role === 'primary') - Number(a.role === 'primary'));
}

/** Who is led to whom: by names. */
export interface Leads {
  /** Where writes go; null while nobody takes them. */
  readonly writer: string | null;
  /** Where reads go. */
  readonly readers: readonly string[];
}

/**
 * Where clients are to be led, by what entries said. Of many that take writes it is one, and stays the one that it was before
 * as long as it takes them; one whose writes may not last only where there is no other. Where nobody else serves reads the writer does.
 */
export function leadsOf(
  entries: readonly Pick<Node, 'name'>[],
  said: ReadonlyMap<string, Route | string>,
  before: string | null,
): Leads {
  const able = (can: (route: Route) => boolean) =>
    entries.flatMap(({ name }) => {
      const route = said.get(name);
      return typeof route === 'object' && can(route) ? [{ name, route }] : [];
    });
  const [writers, readers] = [able(({ writes }) => writes), able(({ reads }) => reads)];
  const sound = writers.filter(({ route }) => route.alarm === null);
  const choice = (sound.length > 0 ? sound : writers).map(({ name }) => name);
  const writer = choice.find((name) => name === before) ?? choice[0] ?? null;
  const others = readers.map(({ name }) => name).filter((name) => name !== writer);
  return { writer, readers: others.length > 0 || writer === null ? others : [writer] };
}
