import { randomUUID } from 'node:crypto';
import type { VerbEvent } from '../cluster/event.js';
import { DbnsError, InterruptedError, isError, messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { appendEvent } from '../state/events.js';
import { withFaults } from './ground/name-faults.js';

/** What is done to a cluster, as its record has it. */
export interface VerbWords {
  /** As it is typed: `kill`, `proxy create`. */
  readonly verb: string;
  /** Names of hosts; none is all of the cluster, or that they show only when it is done. */
  readonly nodes?: readonly string[];
  /** What it is about besides. */
  readonly about?: string;
}

/** A verb of which this comes out. */
export interface Verb<T> extends VerbWords {
  /** The hosts that it was about, known when it is done. */
  readonly touched?: (result: T) => readonly string[];
  /** The cluster goes, and its record with it: that it is done is told to nobody. */
  readonly isLast?: boolean;
}

/**
 * Does a verb to a cluster that is there, and records that it begins and how it ends: begin and end, because a call that is
 * killed leaves no end, and because what servers do is told by the time since one of both. All verbs go through here, whoever
 * calls. That something can't be recorded keeps no verb from being done. An error of what was not in time names the faults in
 * force.
 */
export async function recorded<T>(machine: Machine, cluster: string, verb: Verb<T>, act: () => Promise<T>): Promise<T> {
  const id = randomUUID().slice(0, 8);
  const tell = (end: Pick<VerbEvent, 'outcome'> & Partial<VerbEvent>) =>
    append(machine, cluster, { ...describe(verb), from: 'dbns', id, ...end });
  await tell({ outcome: 'begun' });
  try {
    const result = await act();
    if (verb.isLast !== true) await tell({ outcome: 'done', nodes: verb.touched?.(result) ?? verb.nodes ?? [] });
    return result;
  } catch (error) {
    await tell({ outcome: isInterruption(error) ? 'interrupted' : 'failed', error: describeError(error) });
    throw await withFaults(machine, cluster, error);
  }
}

/** Records what a keeper has done by itself. */
export async function recordOfKeeper(machine: Machine, cluster: string, verb: VerbWords): Promise<void> {
  await append(machine, cluster, {
    ...describe(verb),
    ...{ from: 'keeper', id: randomUUID().slice(0, 8), outcome: 'done' },
  });
}

function describe({ verb, nodes = [], about }: VerbWords) {
  return { verb, nodes, about: about ?? null, error: null };
}

async function append(
  machine: Machine,
  cluster: string,
  event: Omit<VerbEvent, 'kind' | 'at' | 'bootId' | 'uptime'>,
): Promise<void> {
  await appendEvent(machine, cluster, { kind: 'verb', ...machine.now(), ...event }).catch(() => undefined);
}

/** A library's caller may abort without a reason. */
function isInterruption(error: unknown): boolean {
  return error instanceof InterruptedError || (isError(error) && error.name === 'AbortError');
}

/** Of a message the sentence: servers' logs may follow. */
function describeError(error: unknown): VerbEvent['error'] {
  const [message = ''] = messageOf(error).split('\n');
  return { code: error instanceof DbnsError ? error.code : 'DBNS_BUG', message };
}
