import { DbnsError } from '../errors/errors.js';

/**
 * Whether an error was said by a server or its driver, and is neither one of ours nor a mistake of ours: these have a code
 * of the driver or of the system (`ER_…`, 1819, `ECONNRESET`), or are MongoDB's.
 */
export function isSaidByServer(error: unknown): error is Error {
  if (error instanceof NoAnswerError) return true;
  if (!(error instanceof Error) || error instanceof DbnsError || error instanceof TypeError) return false;
  return 'code' in error || error.name.startsWith('Mongo');
}

/** A server took the connection, or did not, and said nothing in time. */
export class NoAnswerError extends Error {
  constructor(timeout: number) {
    super(`no answer in ${timeout} ms`);
  }
}
