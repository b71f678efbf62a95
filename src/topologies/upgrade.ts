import type { Cluster, Node } from '../cluster/cluster.js';
import type { Plan } from '../cluster/plan.js';
import type { ServerBuild } from '../cluster/server.js';
import type { Setting } from './setting.js';

/** How a cluster comes to another version of its server, a node at a time. A part of a topology. */
export interface Upgrade {
  /** In which order nodes are upgraded: by roles as they are. */
  order(cluster: Cluster): readonly Node[];
  /** A primary hands over before it stops; else those that stay elect another by themselves. */
  readonly handsOver: boolean;
  /**
   * @param chosen those that are upgraded
   * @throws UsageError for a step that the server's vendor does not support, or that would leave nodes that can't work together.
   */
  check(cluster: Cluster, chosen: readonly Node[], to: ServerBuild): void;
  /** What the new server's program says against a node's options; null when nothing. `setting` has the new server behind the node. */
  refusal(setting: Setting, node: Node): Promise<string | null>;
  /** What a node would meet that stopped now, when it is back: a sentence each. */
  forecast(setting: Setting, node: Node, others: readonly Node[]): Promise<readonly string[]>;
  /** What its data directory needs before the new server starts; no server runs. May be carried out again. */
  prepare(setting: Setting, node: Node): Plan;
  /** The server's own step, when the new one is ready. May be carried out again. */
  complete(setting: Setting, node: Node): Plan;
  /** When all nodes have the new server. May be carried out again. */
  finish(setting: Setting): Plan;
}
