import type { Cluster, Node, Settings } from '../cluster/cluster.js';
import type { Plan } from '../cluster/plan.js';
import type { Setting, Settled } from './setting.js';

/** What was said of nodes that are to come. */
export interface GrowthWords {
  /** How many; null where nothing was said. */
  readonly nodes: number | null;
  /** The topology's own words, as typed: those that it does not know are refused. */
  readonly settings: Settings;
}

export interface GrowRequest {
  /** The cluster with those that come, and its words as they are with them. */
  readonly setting: Setting;
  /** The cluster without them. */
  readonly before: Cluster;
  /** In the order of the cluster; nothing of them is on the machine yet. */
  readonly newcomers: readonly Node[];
  /** Those of the others whose servers run. */
  readonly running: readonly Node[];
  /** By name of a newcomer: the pristine directory that it would be cloned from, where that has been made. */
  readonly pristines: ReadonlyMap<string, string>;
}

/** How nodes come. */
export interface Joining {
  /** By which way each gets its data, and why: a sentence each. */
  readonly notes: readonly string[];
  /** What the data directory of a newcomer begins as. */
  readonly beginsAs: (newcomer: Node) => 'pristine' | 'empty';
  /** Starts their servers, and returns when they are ready; by then the ground and the configuration are there. */
  readonly join: Plan;
  /** Those that were there learn of them. May be carried out again. */
  readonly finish: Plan;
}

export interface ShrinkRequest {
  /** The cluster as it is, with those that leave. */
  readonly setting: Setting;
  /** They may have left half way, or have come half way; in the order of the cluster. */
  readonly leaving: readonly Node[];
  /** All whose servers run, those that leave among them. */
  readonly running: readonly Node[];
  /** Whatever it means for those that stay. */
  readonly force: boolean;
  /** They come back to their places: those that stay need not be enough for good. */
  readonly returns: boolean;
}

/** How nodes leave. */
export interface Leaving {
  /** What it means for those that stay: a sentence each. */
  readonly notes: readonly string[];
  /** The topology's words as they are without them. */
  readonly settings: Settings;
  /** Before their servers end. May be carried out again. */
  readonly before: Plan;
  /** When their servers have ended: those that stay forget them. May be carried out again. */
  readonly after: Plan;
}

/** How nodes come to a cluster that lives, and leave it. A part of a topology. */
export interface Growth {
  /**
   * Reads the words of an `add`, and says who comes, by `nextNames`: `seats` are theirs alone, `settings` the cluster's.
   * @throws UsageError for words that it does not know, or that make no sense here.
   */
  settle(cluster: Cluster, words: GrowthWords): Settled;
  /**
   * Finds the cheapest honest way to their data; touches nothing.
   * @throws ConflictError when nobody runs whom they could join.
   */
  grow(request: GrowRequest): Promise<Joining>;
  /**
   * Touches nothing.
   * @throws UsageError, ConflictError when it would leave those that stay without a quorum or a primary, but by force.
   */
  shrink(request: ShrinkRequest): Promise<Leaving>;
}
