import type { Cluster, Node } from '../cluster/cluster.js';
import type { AskContext, Plan } from '../cluster/plan.js';
import type { DataProgram } from '../servers/kind.js';
import type { LeftOut } from '../servers/mysqld/left-out.js';
import type { Meaning, Refusal } from '../servers/refusal.js';
import type { Setting } from './setting.js';

export type { Meaning, Refusal };

/** What is to be loaded. */
export interface Incoming {
  /** A directory of another program's, which the loader reads itself; null for a stream. */
  readonly directory: string | null;
  /** Where it goes that does not say it itself; null: nowhere else. */
  readonly database: string | null;
}

/** How nodes come to have what one has now. */
export interface Arrival {
  /** Waits until they have it. */
  readonly plan: Plan;
  /** Those that will not have it by now, and why: a sentence each. */
  readonly beyond: readonly string[];
}

/** How data gets into a cluster, and out of it. A part of a topology. */
export interface Data {
  /**
   * The program that loads at a node.
   * @throws UsageError for what it does not take; MachineError where the image lacks it.
   */
  loader(setting: Setting, node: Node, incoming: Incoming): DataProgram;
  /** What is left out of a stream, which begins with `head`, so that all nodes get the rest. */
  adapt(head: string): { readonly text: string; readonly leftOut: readonly LeftOut[] };
  /** Reads what the loader says when it fails. */
  readRefusal(said: string): Refusal;
  readonly meanings: readonly Meaning[];
  /** Fills the sample by a node: a small shop, always the same. */
  sample(setting: Setting, node: Node, context: AskContext): Promise<void>;
  /** Of `nodes` that run, those that get what `at` has. */
  arrival(setting: Setting, at: Node, nodes: readonly Node[]): Arrival;
  /** What was loaded that the nodes will not have alike, though nobody refused it: a sentence each. */
  doubts(setting: Setting, at: Node): Promise<readonly string[]>;
  /** The nodes that have, or will have, all data of the cluster, when they have caught up. */
  whole(cluster: Cluster): readonly Node[];
  /** Names of what users made. */
  databases(setting: Setting, node: Node): Promise<readonly string[]>;
  /**
   * The program that dumps databases of a node; `isAll`: those are all that there are.
   * @throws UsageError for what it can't; MachineError where the image lacks it.
   */
  dumper(setting: Setting, node: Node, databases: readonly string[], isAll: boolean): DataProgram;
}
