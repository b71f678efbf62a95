import { milliseconds, type Duration } from '../cluster/duration.js';
import { localMachine, type Context } from '../lifecycle/context.js';
import type { Observer } from '../lifecycle/apply.js';

/** What every call may be given besides its own matter. */
export interface Call {
  /** Aborting it stops what is under way; its reason is the error that comes out. */
  readonly signal?: AbortSignal | undefined;
  /** Is told of phases, warnings and what was found out. */
  readonly observer?: Observer | undefined;
}

/** A call that waits for servers. */
export interface TimedCall extends Call {
  /** How long servers may take; as long as the command of that name lets them when absent. */
  readonly timeout?: Duration | undefined;
}

/** On the machine that we are on. */
export function contextOf({ signal, observer }: Call): Context {
  return { machine: localMachine, observer: observer ?? {}, signal: signal ?? new AbortController().signal };
}

/** ms */
export function timeoutOf({ timeout }: TimedCall, usual: Duration): number {
  return milliseconds(timeout ?? usual);
}
