import { constants } from 'node:os';
import type { Node } from '../cluster/cluster.js';
import type { Machine } from '../host/machine.js';
import { endFile } from './start.js';

/** How a server ended. */
export interface Exit {
  /** 0 to 255; null when a signal ended it. */
  readonly code: number | null;
  /** `SIGKILL` …; null when it ended by itself. */
  readonly signal: string | null;
  /** ISO 8601, UTC, to the second. */
  readonly at: string;
}

/**
 * How the server of a node ended that does not run. Null when that is not known: it ended with the machine, or what
 * notes its end ended with it, or the note is not for us to read.
 */
export function exitOf(machine: Machine, node: Pick<Node, 'directory'>): Exit | null {
  const [code = 0, seconds = 0] = numbersIn(readHint(machine, endFile(node)), /^(\d+) (\d+)$/m);
  if (seconds === 0 || seconds < bootTime(machine)) return null;
  const signal = code > 128 ? (SIGNALS.get(code - 128) ?? null) : null;
  return {
    code: signal === null ? code : null,
    signal,
    at: new Date(seconds * 1000).toISOString().replace('.000', ''),
  };
}

/** Seconds since the epoch. Source: proc(5), /proc/stat. */
function bootTime(machine: Machine): number {
  return numbersIn(readHint(machine, `${machine.roots.proc}/stat`), /^btime (\d+)$/m)[0] ?? 0;
}

/** The first name of each number: some have two. */
const SIGNALS: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

function readHint({ files }: Machine, file: string): string {
  try {
    return files.read(file) ?? '';
  } catch {
    return '';
  }
}

function numbersIn(text: string, form: RegExp): readonly number[] {
  return (form.exec(text)?.slice(1) ?? []).map(Number);
}
