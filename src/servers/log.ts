import type { Change } from '../cluster/event.js';
import type { DbnsError } from '../errors/errors.js';

/** How the servers of a kind say why they do not run. */
export interface ServerLog {
  /** A better error out of what a server wrote, when a word of the user's or the machine is the cause; else null. */
  readonly explain: (written: string) => DbnsError | null;
  /** The lines to show of it. */
  readonly tell: (written: string) => readonly string[];
  /** When a line was written; null for one without a time, which goes with the line before. */
  readonly timeOf: (line: string) => Stamp | null;
  /** The line with which a server begins: nothing of before holds. */
  readonly begins: RegExp;
  /** What lines say of the server's process. */
  readonly meanings: readonly LineMeaning[];
}

/** A time in a log. */
export interface Stamp {
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Of the server's own time zone, which it does not name: the time is as if that were UTC. */
  readonly isLocal: boolean;
  /** Milliseconds that it may have been later: its grain. */
  readonly grain: number;
}

/** What lines mean that have these words. */
export interface LineMeaning {
  readonly words: RegExp;
  /** What changed, by the groups of the words. */
  readonly says: (groups: readonly string[]) => Said | readonly Said[];
}

/** A change as a log tells it; what is not said is null. */
export type Said = Pick<Change, 'what' | 'after'> & Partial<Change>;

/** What tells the lines of a log apart. */
export interface LineForm {
  /** The server says that something failed. */
  readonly isError: (line: string) => boolean;
  /** Banners and advertising. */
  readonly isNoise: (line: string) => boolean;
  /** What is different in two lines that say the same: the time, above all. */
  readonly stamp: RegExp;
}

const MOST_ERRORS = 10;
const LAST_LINES = 10;

/** The errors, the first of which is the cause as a rule; then the last of what else was written. */
export function tellLines(written: string, { isError, isNoise, stamp }: LineForm): readonly string[] {
  const lines = written.split('\n').filter((line) => line.trim() !== '');
  const errors = new Map(lines.filter(isError).map((line) => [line.replace(stamp, ''), line]));
  const others = lines.filter((line) => !isError(line) && !isNoise(line));
  return [...[...errors.values()].slice(0, MOST_ERRORS), ...others.slice(-LAST_LINES)];
}

const QUARTER = 15 * 60_000;

/**
 * Milliseconds by which a server's time zone is ahead of UTC: its last line is as old as the file. All zones differ by quarters of
 * an hour.
 * @param writtenAt when the file was last written to, ms since the epoch
 */
export function zoneOf(lines: readonly string[], writtenAt: number, log: Pick<ServerLog, 'timeOf'>): number {
  const last = lines.findLast((line) => log.timeOf(line)?.isLocal === true);
  const stamp = last === undefined ? null : log.timeOf(last);
  return stamp === null ? 0 : Math.round((stamp.time - writtenAt) / QUARTER) * QUARTER;
}
