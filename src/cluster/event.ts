import type { Moment } from './moment.js';

/** Something that happened to a cluster. */
export type ClusterEvent = VerbEvent | Transition;

/** That a verb of dbns began or ended, as it is recorded: of what is done at once the end alone. */
export interface VerbEvent extends Moment {
  readonly kind: 'verb';
  /** Who did it. */
  readonly from: 'dbns' | 'keeper';
  /** The same where a verb begins and where it ends, and of no other call. */
  readonly id: string;
  /** `kill`, `add`, `proxy create` … */
  readonly verb: string;
  /** Names of the hosts that it is about; none is all of the cluster, or that they are not known yet. */
  readonly nodes: readonly string[];
  readonly outcome: VerbOutcome;
  /** What it is about besides: `127.0.0.1:3306 to node1`, the other cluster of a link … */
  readonly about: string | null;
  /** Why it failed, or was interrupted. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

export const VERB_OUTCOMES = ['begun', 'done', 'failed', 'interrupted'] as const;
export type VerbOutcome = (typeof VERB_OUTCOMES)[number];

/** That something of a node changed. */
export interface Transition {
  readonly kind: 'transition';
  /** `server`: it was asked meanwhile. `log`: its log says so, which knows the wall's clock alone. */
  readonly from: 'server' | 'log';
  /** ISO 8601, UTC; of some logs to the second. */
  readonly at: string;
  readonly bootId: string | null;
  readonly uptime: number | null;
  readonly node: string;
  /** `process`, `role`, or the topology's word: `state`, `size`, `receiver` … */
  readonly what: string;
  /** The other one, where it is about two: the member that is seen, the source of a channel. */
  readonly of: string | null;
  /** Null: not known, or not there. */
  readonly before: string | null;
  readonly after: string | null;
  /** What is said about it: how a server ended, what an applier stopped at. */
  readonly why: string | null;
}

/** What changed of a node, without when. */
export type Change = Pick<Transition, 'what' | 'of' | 'before' | 'after' | 'why'>;

/** By its `what` and `of` a change is known from others of its node. */
export function aspectOf({ what, of }: Pick<Change, 'what' | 'of'>): string {
  return of === null ? what : `${what} ${of}`;
}
