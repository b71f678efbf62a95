import type { Cluster, Node } from '../cluster/cluster.js';
import type { Plan } from '../cluster/plan.js';
import type { Setting } from './setting.js';

/** How a node gets all that it has anew, from the others. A part of a topology. */
export interface Rebuild {
  /**
   * @param role what its server says of itself now; null where it does not answer
   * @throws UsageError, ConflictError where the others could not give the node what it has: it takes writes, or it alone has it.
   */
  assertMay(cluster: Cluster, node: Node, role: string | null): void;
  /**
   * Lets the others take for done what a node has and they never had, so that it goes on as it is; touches nothing. A sentence
   * where that can't be.
   * @throws UsageError, ConflictError, NotReadyError
   */
  readonly accept: ((setting: Setting, node: Node) => Promise<Acceptance>) | string;
}

/** How what a node alone has is accepted. */
export interface Acceptance {
  /** What that means: a sentence each. */
  readonly notes: readonly string[];
  /** May be carried out again. */
  readonly plan: Plan;
}
