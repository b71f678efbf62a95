import * as v from 'valibot';
import { VERB_OUTCOMES, type VerbEvent } from '../cluster/event.js';
import { ofKind } from '../cluster/schemas.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from './places.js';

/** Bytes of a file after which the next begins: some 1,000 events. The last two are kept. */
const MOST = 256 * 1024;

const VERB_EVENT: v.GenericSchema<unknown, VerbEvent> = v.object({
  kind: v.literal('verb'),
  from: v.picklist(['dbns', 'keeper']),
  at: v.string(),
  bootId: v.string(),
  uptime: v.number(),
  id: v.string(),
  verb: v.string(),
  nodes: v.array(v.string()),
  outcome: v.picklist(VERB_OUTCOMES),
  about: v.nullable(v.string()),
  error: v.nullable(v.object({ code: v.string(), message: v.string() })),
});

/** A file of a cluster's record: `events-1.jsonl`, `events-2.jsonl` … A line is an event, and is written at once. */
interface Part {
  readonly path: string;
  readonly number: number;
}

/**
 * Adds an event to the record of a cluster; root alone reads it. Numbers go up, and nothing is renamed: so any who record at
 * once need no lock, and whoever reads meanwhile loses nothing.
 */
export async function appendEvent(machine: Machine, cluster: string, event: VerbEvent): Promise<void> {
  const parts = await partsOf(machine, cluster);
  const last = parts.at(-1) ?? partNumbered(machine, cluster, 1);
  const isFull = (machine.files.stat(last.path)?.size ?? 0) >= MOST;
  const due = isFull ? partNumbered(machine, cluster, last.number + 1) : last;
  await machine.files.append(due.path, `${JSON.stringify(event)}\n`, 0o600);
  for (const { path, number } of parts) if (number < due.number - 1) await machine.files.remove(path);
}

/** Removes the record of a cluster. */
export async function forgetEvents(machine: Machine, cluster: string): Promise<void> {
  for (const { path } of await partsOf(machine, cluster)) await machine.files.remove(path);
}

/** Reads a cluster's record, and then what has come since. */
export function eventReader(machine: Machine, cluster: string): { read(): Promise<readonly VerbEvent[]> } {
  /** By path, how many characters were read. */
  const read = new Map<string, number>();
  const sizes = new Map<string, number>();
  return {
    async read() {
      const events: VerbEvent[] = [];
      for (const { path } of await partsOf(machine, cluster)) {
        const size = machine.files.stat(path)?.size ?? 0;
        if (size === sizes.get(path)) continue;
        const text = machine.files.read(path) ?? '';
        const end = text.lastIndexOf('\n') + 1;
        events.push(...eventsIn(text.slice(read.get(path) ?? 0, end)));
        read.set(path, end);
        sizes.set(path, size);
      }
      return events;
    },
  };
}

/** A line that a full disk cut, or that a later dbns wrote otherwise, is none. */
function eventsIn(lines: string): readonly VerbEvent[] {
  return lines.split('\n').flatMap((line) => {
    try {
      return ofKind(VERB_EVENT, [JSON.parse(line)]);
    } catch {
      return [];
    }
  });
}

async function partsOf(machine: Machine, cluster: string): Promise<readonly Part[]> {
  const entries = await machine.files.list(clusterDirectory(machine, cluster));
  const numbers = entries.flatMap(({ name }) => /^events-(\d+)\.jsonl$/.exec(name)?.[1] ?? []).map(Number);
  return numbers.sort((a, b) => a - b).map((number) => partNumbered(machine, cluster, number));
}

function partNumbered(machine: Machine, cluster: string, number: number): Part {
  return { path: `${clusterDirectory(machine, cluster)}/events-${number}.jsonl`, number };
}
