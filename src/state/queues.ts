import * as v from 'valibot';
import { byName } from '../cluster/schemas.js';
import type { Machine } from '../host/machine.js';
import { readRecord, writeRecord, type Format } from './record.js';
import { rulesDirectory } from './rules.js';

/** What was changed of a cluster's links so that they are slow, and how it was before. */
export interface QueuesRecord {
  /** What `tc` was told, by the machine's end of a link; null until it went by it. */
  readonly texts: Readonly<Record<string, string | null>>;
  /** How many segments left in one piece, by who sends one by one now. */
  readonly segments: Readonly<Record<string, number>>;
}

export const NO_QUEUES: QueuesRecord = { texts: {}, segments: {} };

const QUEUES: Format<QueuesRecord> = {
  version: 1,
  schema: v.object({
    texts: byName(v.nullable(v.string())),
    segments: byName(v.number()),
  }),
};

/** Null where no link is slow; of a damaged one nothing is known. */
export function loadQueues(machine: Machine, cluster: string): QueuesRecord | null {
  const found = readRecord(machine, fileOf(machine, cluster), QUEUES);
  if (found.kind === 'absent') return null;
  return found.kind === 'whole' ? found.content : NO_QUEUES;
}

/** Under the rules' lock. */
export async function saveQueues(machine: Machine, cluster: string, queues: QueuesRecord): Promise<void> {
  await machine.files.mkdir(rulesDirectory(machine, cluster));
  await writeRecord(machine, fileOf(machine, cluster), QUEUES, queues);
}

/** Under the rules' lock. */
export async function forgetQueues(machine: Machine, cluster: string): Promise<void> {
  await machine.files.remove(fileOf(machine, cluster));
}

function fileOf(machine: Machine, cluster: string): string {
  return `${rulesDirectory(machine, cluster)}/queues.json`;
}
