import { DbnsError, isError } from '../errors/errors.js';

/**
 * Whether an error was said by a server or its driver, and is neither one of ours nor a mistake of ours: these have a code
 * of the driver or of the system (`ER_…`, 1819, `ECONNRESET`), or are MongoDB's.
 */
export function isSaidByServer(error: unknown): error is Error {
  if (error instanceof NoAnswerError) return true;
  if (!isError(error) || error instanceof DbnsError || error instanceof TypeError) return false;
  return 'code' in error || error.name.startsWith('Mongo');
}

/**
 * Whether a mysqld answered a statement, and refused it: a connection that was lost, or a server that shuts down (class 08 of
 * SQLSTATE), refuses nothing.
 */
export function isRefusal(error: unknown): error is Error {
  if (!isSaidByServer(error) || !('sqlState' in error)) return false;
  return typeof error.sqlState === 'string' && !error.sqlState.startsWith('08');
}

/** The number of a mysqld's error; null of any other. */
export function numberOf(error: unknown): number | null {
  return isError(error) && 'errno' in error && typeof error.errno === 'number' ? error.errno : null;
}

/** A server took the connection, or did not, and said nothing in time. */
export class NoAnswerError extends Error {
  constructor(timeout: number) {
    super(`no answer in ${timeout} ms`);
  }
}
