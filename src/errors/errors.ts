import { types } from 'node:util';

/** What an error of dbns says besides its message. */
export interface ErrorDetails {
  /** What the user can do next, one sentence or command each. */
  readonly suggestions?: readonly string[];
  readonly cause?: unknown;
}

/**
 * Every failure that dbns foresees. The message says what happened, where, and what to do next; `code` is stable and
 * `exitCode` is the process's own, the same in text and under `--json`.
 */
export abstract class DbnsError extends Error {
  abstract readonly code: `DBNS_${string}`;
  abstract readonly exitCode: number;
  readonly suggestions: readonly string[];

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.suggestions = details.suggestions ?? [];
  }
}

/** The call's words are wrong: a flag, a name, an option. */
export class UsageError extends DbnsError {
  readonly code = 'DBNS_USAGE';
  readonly exitCode = 2;
}

/** The machine lacks something: root, a program, a kernel feature, room. */
export class MachineError extends DbnsError {
  readonly code = 'DBNS_MACHINE';
  readonly exitCode = 3;
}

/** A cluster, node or image of that name does not exist. */
export class NotFoundError extends DbnsError {
  readonly code = 'DBNS_NOT_FOUND';
  readonly exitCode = 4;
}

/** Something that exists, or is busy, is in the way. */
export class ConflictError extends DbnsError {
  readonly code = 'DBNS_CONFLICT';
  readonly exitCode = 5;
}

/** Servers did not come up, or not in time. */
export class NotReadyError extends DbnsError {
  readonly code = 'DBNS_NOT_READY';
  readonly exitCode = 6;
}

/** `status --check`: something is not well. */
export class UnhealthyError extends DbnsError {
  readonly code = 'DBNS_UNHEALTHY';
  readonly exitCode = 7;
}

/** Some resources could not be removed; the message lists them. */
export class LeftoverError extends DbnsError {
  readonly code = 'DBNS_LEFTOVER';
  readonly exitCode = 8;
}

/** Interrupted by a signal, and rolled back. */
export class InterruptedError extends DbnsError {
  readonly code = 'DBNS_INTERRUPTED';
  readonly exitCode: number;

  /** @param left the end of a sentence: what is left of what was under way */
  constructor(
    readonly signal: NodeJS.Signals,
    left = 'what had been made was removed again',
    details: ErrorDetails = {},
  ) {
    super(`Interrupted by ${signal}; ${left}.`, details);
    this.exitCode = 128 + (SIGNAL_NUMBERS.get(signal) ?? 15);
  }
}

const SIGNAL_NUMBERS: ReadonlyMap<NodeJS.Signals, number> = new Map([
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
]);

/** A message for people out of anything that was thrown. */
export function messageOf(error: unknown): string {
  return isError(error) ? error.message : String(error);
}

/**
 * Whether something is an error, of whichever realm: a test runner that gives each file globals of its own (jest) has another
 * `Error` than node's own modules throw.
 */
export function isError(value: unknown): value is Error {
  // That of an abort is none to V8.
  return types.isNativeError(value) || Object.prototype.toString.call(value) === '[object DOMException]';
}
