import type { Cluster, Made, Node } from '../cluster/cluster.js';
import type { Plan } from '../cluster/plan.js';
import type { Formation, Setting } from './setting.js';

/** What is to be started, and what is there already. */
export interface RecoveryRequest {
  readonly setting: Setting;
  /** No server of theirs runs, and the ground that they need is there; in the order of the cluster. */
  readonly starting: readonly Node[];
  /** Their servers run. */
  readonly running: readonly Node[];
  /** No server of theirs runs, and they are not to start: what their directories have counts too. */
  readonly resting: readonly Node[];
  /** The node whose data count, by the user's word. */
  readonly bootstrap: Node | null;
  /** Nothing is run to find out, not even to its end: for a plan that is only shown. */
  readonly looksOnly: boolean;
}

/** How servers come back. */
export interface Recovery {
  /** What the directories say of each node, who begins, and why: a sentence each. */
  readonly notes: readonly string[];
  /** Ways of starting, the fastest first; between two of them the nodes that were to start are killed. */
  readonly ways: readonly Formation[];
  /** When they stand; also where nothing was to be started, for an earlier start may have been killed before it. */
  readonly finish: Plan;
}

/** What servers go through when they stop and come back. A part of a topology. */
export interface Life {
  /**
   * Batches of nodes in the order in which they stop; a start needs no such order but its own. What is wanted of nodes is
   * what will be: those that stay are wanted running.
   */
  stopOrder(cluster: Cluster): readonly (readonly Node[])[];
  /** What a server is told before it is asked to end, so that it does so soon; null for nothing. */
  beforeStop(setting: Setting, node: Node): Plan | null;
  /** What those that stay are told when servers have ended; null for nothing. May be carried out again. */
  afterStop(setting: Setting, ended: readonly Node[]): Plan | null;
  /**
   * A cluster as it begins anew with the nodes that it has: in the roles, and with the words, that `create` gave them. Those
   * that were added stand beside them; whose primary was removed keeps the one that it has. Pure.
   */
  anew(cluster: Cluster, made: Made): Cluster;
  /** Whether the others have put a member out that lives, by what it says of itself: it does not come back by itself. */
  isPutOut(status: Readonly<Record<string, unknown>>): boolean;
  /**
   * Plans a start from what the directories and the servers that run say. Starts no server; `signal` and `deadline` end
   * what has to be run to find out.
   * @throws UsageError for a `bootstrap` that makes no sense; ConflictError when nobody can tell whose data count.
   */
  recover(
    request: RecoveryRequest,
    limits: { readonly signal: AbortSignal; readonly deadline: number },
  ): Promise<Recovery>;
}
