import type { Readable } from 'node:stream';
import type { Machine } from '../../host/machine.js';
import { zoneOf, type ServerLog } from '../../servers/log.js';

/** A line of a log. */
export interface LogLine {
  readonly name: string;
  readonly line: string;
  /** When it was written, ms since the epoch: its own time, or that of the line before it; null where none has one yet. */
  readonly time: number | null;
}

/** A log that is read to its end, and from there on. */
export interface OpenLog {
  /** Its lines so far. */
  readonly past: () => AsyncGenerator<LogLine, void>;
  /** Those that are written afterwards, until we are interrupted. */
  readonly follow: (onLine: (line: LogLine) => void) => Promise<number>;
}

/** What is looked at to learn how a log tells time, bytes. */
const SAMPLE = 64 * 1024;

/** Opens a log that there is. One in which no line has a time counts as written when it was written to last. */
export async function openLog(
  machine: Machine,
  { name, log }: { readonly name: string; readonly log: string },
  form: Pick<ServerLog, 'timeOf'>,
  { follow }: { readonly follow: boolean },
): Promise<OpenLog> {
  const writtenAt = machine.files.stat(log)?.mtimeMs ?? 0;
  const sample = (await machine.run(['tail', '--bytes', String(SAMPLE), log])).stdout.split('\n');
  const zone = zoneOf(sample, writtenAt, form);
  let time = sample.some((line) => form.timeOf(line) !== null) ? null : writtenAt;
  const read = (line: string): LogLine => {
    const stamp = form.timeOf(line);
    if (stamp !== null) time = stamp.isLocal ? stamp.time - zone : stamp.time;
    return { name, line, time };
  };
  let end = 0;
  return {
    async *past() {
      for await (const { line, bytes, isWhole } of linesOf(machine.files.stream(log))) {
        // What is yet to be finished comes when it is.
        if (!isWhole && follow) return;
        end += bytes;
        yield read(line);
      }
    },
    follow: (onLine) =>
      machine.attach(['tail', '--bytes', `+${end + 1}`, '--follow=name', '--retry', log], {
        onLine: (line) => {
          onLine(read(line));
        },
      }),
  };
}

/** Lines of a stream, with the bytes that each takes; the last may have no end. */
async function* linesOf(stream: Readable) {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const data = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let at = data.indexOf('\n'); at >= 0; at = data.indexOf('\n', from)) {
      yield { line: data.toString('utf8', from, at), bytes: at + 1 - from, isWhole: true };
      from = at + 1;
    }
    rest = data.subarray(from);
  }
  if (rest.length > 0) yield { line: rest.toString('utf8'), bytes: rest.length, isWhole: false };
}

/** The lines of all logs in the order of their times; those of one log stay in its own order, and of equal ones the first log goes first. */
export async function* mergeByTime(logs: readonly AsyncIterator<LogLine, void>[]): AsyncGenerator<LogLine, void> {
  const nexts = await Promise.all(logs.map((log) => log.next()));
  for (;;) {
    const [first] = nexts
      .flatMap((next, index) => (next.done === true ? [] : [{ index, line: next.value }]))
      .sort((a, b) => (a.line.time ?? -Infinity) - (b.line.time ?? -Infinity) || a.index - b.index);
    const log = first === undefined ? undefined : logs[first.index];
    if (first === undefined || log === undefined) return;
    yield first.line;
    nexts[first.index] = await log.next();
  }
}

/** The last so many. */
export async function* lastOf<T>(lines: AsyncIterable<T>, count: number): AsyncGenerator<T, void> {
  const kept: T[] = [];
  for await (const line of lines) {
    kept.push(line);
    if (kept.length > 2 * count) kept.splice(0, kept.length - count);
  }
  yield* kept.slice(Math.max(kept.length - count, 0));
}
