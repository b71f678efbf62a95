import { InterruptedError } from './errors.mjs';

const controller = new AbortController();

/** Aborted by Ctrl-C and the like: what is measured stops, what cleans up goes on. */
export const interrupted = controller.signal;

export function catchSignals() {
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      process.stderr.write('Cleaning up; this takes a moment.\n');
      if (!interrupted.aborted) controller.abort(new InterruptedError(signal));
    });
  }
}
