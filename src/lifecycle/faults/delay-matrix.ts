import { UsageError } from '../../errors/errors.js';

/** A table of delays, as somebody wrote it. */
export interface DelayMatrix {
  /** For messages. */
  readonly file: string;
  readonly text: string;
  /** Its values are of there and back, as `ping` tells them: half goes each way. */
  readonly roundTrip: boolean;
}

/** How long packets take from one to another; milliseconds. */
export interface PairDelay {
  readonly from: string;
  readonly to: string;
  readonly delay: number;
}

/** A line that is neither empty nor a comment. */
interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads a table: its first line has the names, each other line a name and how long packets take from there to each of them.
 * Cells stand between commas, or between blanks when there is no comma; `-`, `0` and nothing at all are no delay, a number
 * alone is milliseconds. A cell before the names may be left away.
 * @param names of the hosts that there are, and of zones
 * @throws UsageError that names the line.
 */
export function readDelays(matrix: DelayMatrix, names: readonly string[]): readonly PairDelay[] {
  const [head, ...rows] = rowsOf(matrix.text);
  if (head === undefined || rows.length === 0) throw new UsageError(`${matrix.file} has no table: ${FORM}`);
  const wrong = (line: number, what: string) => new UsageError(`${matrix.file}:${line}: ${what}`);
  const columns = columnsOf(head, rows[0]?.cells.length ?? 0, names, wrong);
  const delays = new Map<string, PairDelay & { readonly line: number }>();
  const seen = new Set<string>();
  for (const { line, cells } of rows) {
    const [from = '', ...values] = cells;
    if (!columns.includes(from)) throw wrong(line, `'${from}' is not among the names of the first line.`);
    if (seen.has(from)) throw wrong(line, `there are two lines for ${from}.`);
    if (values.length !== columns.length)
      throw wrong(line, `${values.length} values for ${columns.length} names: ${columns.join(', ')}.`);
    seen.add(from);
    for (const [position, to] of columns.entries()) {
      const delay = delayIn(values[position] ?? '', (what) => wrong(line, what));
      if (delay > 0 && from === to) throw wrong(line, `nothing goes from ${from} to itself: write '-' there.`);
      if (delay > 0) delays.set(`${from} ${to}`, { from, to, delay, line });
    }
  }
  const missing = columns.find((name) => !seen.has(name));
  if (missing !== undefined) throw wrong(head.line, `there is no line for ${missing}.`);
  if (delays.size === 0) throw new UsageError(`${matrix.file} has no delay in it: ${FORM}`);
  return matrix.roundTrip
    ? halves(delays, wrong)
    : [...delays.values()].map(({ from, to, delay }) => ({ from, to, delay }));
}

const FORM = 'a line of names, and below it for each of them a line: the name, and the delay to each.';

function rowsOf(text: string): readonly Row[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const rows = lines.map((whole, position) => ({ line: position + 1, words: whole.replace(/#.*/, '').trim() }));
  const isCsv = text.includes(',');
  return rows
    .filter(({ words }) => words.replaceAll(',', '').trim() !== '')
    .map(({ line, words }) => ({ line, cells: words.split(isCsv ? ',' : /\s+/).map((cell) => cell.trim()) }));
}

type Wrong = (line: number, what: string) => UsageError;

/** With as many cells as the others have, the first one of the head stands over their names. */
function columnsOf({ line, cells }: Row, width: number, names: readonly string[], wrong: Wrong): readonly string[] {
  const columns = cells.length === width ? cells.slice(1) : cells;
  const stranger = columns.find((name) => !names.includes(name));
  if (stranger !== undefined) throw wrong(line, `'${stranger}' is not in the cluster: there are ${names.join(', ')}.`);
  const twin = columns.find((name, position) => columns.indexOf(name) < position);
  if (twin !== undefined) throw wrong(line, `${twin} is there twice.`);
  return columns;
}

const UNITS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };

function delayIn(cell: string, wrong: (what: string) => UsageError): number {
  if (cell === '' || cell === '-') return 0;
  const [, digits, unit = 'ms'] = /^(\d+(?:\.\d+)?)(us|ms|s)?$/.exec(cell) ?? [];
  if (digits === undefined) throw wrong(`'${cell}' is no delay: write it like 50ms, or '-' for none.`);
  return Number(digits) * (UNITS[unit] ?? 1);
}

/** One direction says it for both; where both do, they say the same. */
function halves(
  delays: ReadonlyMap<string, PairDelay & { readonly line: number }>,
  wrong: Wrong,
): readonly PairDelay[] {
  return [...delays.values()].flatMap(({ from, to, delay, line }) => {
    const back = delays.get(`${to} ${from}`);
    if (back !== undefined && back.delay !== delay)
      throw wrong(line, `${from} to ${to} and back takes ${delay} ms, and ${back.delay} ms in line ${back.line}.`);
    const there = { from, to, delay: delay / 2 };
    return back === undefined ? [there, { from: to, to: from, delay: delay / 2 }] : [there];
  });
}
