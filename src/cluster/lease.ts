import type { ProcessMark } from './cluster.js';
import { between, type Moment } from './moment.js';

/** For how long a cluster is to be there: until the first of its processes has ended, or its time is up. */
export interface Lease {
  readonly processes: readonly ProcessMark[];
  readonly until: Moment | null;
}

/** Milliseconds that are left by the clock alone, 0 when it is up; null where it has no end. */
export function timeLeftOf({ until }: Lease, now: Moment): number | null {
  return until === null ? null : Math.max(0, between(now, until));
}
