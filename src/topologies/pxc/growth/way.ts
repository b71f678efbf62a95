import type { NoPosition, Position } from '../position.js';
import { positionText } from '../position.js';
import { costOf } from '../sst.js';
import type { Status } from '../status.js';

/** How a newcomer gets its data. */
export interface Way {
  readonly beginsAs: 'pristine' | 'empty';
  /** Why: a sentence. */
  readonly note: string;
}

/**
 * The cheapest way that is whole: by what a donor still has in its gcache since the pristine directory, else all data.
 * @param pristine where the pristine directory stands that the newcomer would be cloned from
 * @param donors what the nodes of the primary component say
 * @param method how all data are taken over
 */
export function wayOf(
  newcomer: string,
  pristine: Position | NoPosition,
  donors: readonly Status[],
  method: string,
): Way {
  const gap = typeof pristine === 'string' ? 'there is no pristine directory of its history' : gapOf(pristine, donors);
  if (typeof gap === 'string') {
    return {
      beginsAs: 'empty',
      note: `${newcomer} takes all data over (SST by ${method}): ${gap}${costOf(method)}.`,
    };
  }
  const writeSets = `${gap} write ${gap === 1 ? 'set' : 'sets'}`;
  return {
    beginsAs: 'pristine',
    note: `${newcomer} takes ${writeSets} from a donor's gcache (IST), on a clone of the pristine directory.`,
  };
}

/** How many write sets it lacks, where a donor has them all; else what is in the way. */
function gapOf(pristine: Position, donors: readonly Status[]): number | string {
  const of = donors.filter(({ wsrep_local_state_uuid: uuid }) => uuid === pristine.uuid);
  if (of.length === 0) return 'the pristine directory is of another history';
  const next = pristine.seqno + 1;
  const reaches = of.filter(({ wsrep_local_cached_downto: from }) => Number(from) <= next);
  if (reaches.length === 0) return `no donor's gcache reaches back to ${positionText({ ...pristine, seqno: next })}`;
  return Math.max(...of.map(({ wsrep_last_committed: last }) => Number(last))) - pristine.seqno;
}
