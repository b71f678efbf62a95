import type { Node, Seat, Settings } from '../cluster/cluster.js';
import type { Plan } from '../cluster/plan.js';
import type { NodeServer } from '../servers/node-server.js';
import type { Asked } from './asked.js';

export type { NodeServer };

/** A topology's own words, resolved, and the nodes that are wanted by them, in order. */
export interface Settled {
  readonly settings: Settings;
  readonly seats: readonly Seat[];
}

/** What a topology needs to plan: the resolved cluster, the machine's paths, and the servers behind the nodes. */
export interface Setting extends Asked {
  /** By node name. */
  readonly servers: ReadonlyMap<string, NodeServer>;
}

/** The server behind a node. */
export function serverOf<T>({ servers }: { readonly servers: ReadonlyMap<string, T> }, node: Pick<Node, 'name'>): T {
  const server = servers.get(node.name);
  if (server === undefined) throw new Error(`no server for ${node.name}`);
  return server;
}

/** One way in which the servers can become a cluster. */
export interface Formation {
  readonly title: string;
  readonly plan: Plan;
  /** Milliseconds after which it does not stand and the next way is taken; the last has `null`: the user's timeout. */
  readonly patience: number | null;
}
