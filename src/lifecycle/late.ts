import type { NotReadyError } from '../errors/errors.js';

/** Clocks take no more, ms. */
const LONGEST = 2 ** 31 - 1;

/** A signal that is aborted at a deadline, ms since the epoch, with this error. */
export function lateSignal(deadline: number, error: NotReadyError): AbortSignal {
  const late = new AbortController();
  const timer = setTimeout(
    () => {
      late.abort(error);
    },
    Math.min(Math.max(deadline - Date.now(), 0), LONGEST),
  );
  timer.unref();
  return late.signal;
}
