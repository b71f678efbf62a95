import * as Flags from '@oclif/core/flags';
import { UsageError } from '../errors/errors.js';
import type { LeaseRequest } from '../lifecycle/lease.js';
import type { LeaseView } from '../lifecycle/view.js';
import { parseDuration } from '../cluster/duration.js';

/** For how long a cluster is there. */
export const leaseFlag = Flags.string({
  summary:
    'destroy the cluster when a process has ended, or after a time: 4711, $$, 10m (repeatable: whichever is first)',
  helpValue: 'PID|TIME',
  multiple: true,
  multipleNonGreedy: true,
});

/** Reads `4711` as a process, `10m` as a time. */
export function parseLease(words: readonly string[]): LeaseRequest {
  const processes = words.filter((word) => /^\d+$/.test(word)).map(Number);
  const times = words.filter((word) => !/^\d+$/.test(word));
  if (times.length > 1) throw new UsageError(`--lease: two times are given, ${times.join(' and ')}.`);
  const [time] = times;
  return { processes, ...(time !== undefined && { time: parseDuration(time) }) };
}

/** `lease: until process 4711 ends, or 2026-11-26T22:40:00Z`. */
export function leaseText({ processes, until }: LeaseView): string {
  const ends = processes.map((pid) => `process ${pid} ends`);
  return `lease: until ${[...ends, ...(until === null ? [] : [until])].join(', or ')}`;
}
