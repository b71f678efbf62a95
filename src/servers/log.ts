import type { DbnsError } from '../errors/errors.js';

/** How the servers of a kind say why they do not run. */
export interface ServerLog {
  /** A better error out of what a server wrote, when a word of the user's or the machine is the cause; else null. */
  readonly explain: (written: string) => DbnsError | null;
  /** The lines to show of it. */
  readonly tell: (written: string) => readonly string[];
}

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
