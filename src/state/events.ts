import * as z from 'zod';
import { VERB_OUTCOMES, type VerbEvent } from '../cluster/event.js';
import type { Machine } from '../host/machine.js';
import { clusterDirectory } from './places.js';

/** Bytes of a file after which the next begins: some 1,000 events. The last two are kept. */
const MOST = 256 * 1024;

const VERB_EVENT: z.ZodType<VerbEvent> = z.object({
  kind: z.literal('verb'),
  from: z.enum(['dbns', 'keeper']),
  at: z.string(),
  bootId: z.string(),
  uptime: z.number(),
  id: z.string(),
  verb: z.string(),
  nodes: z.array(z.string()),
  outcome: z.enum(VERB_OUTCOMES),
  about: z.string().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
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
      return VERB_EVENT.safeParse(JSON.parse(line)).data ?? [];
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
