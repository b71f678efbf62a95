/** Takes in what comes at any time, and gives it out when it is asked for. */
export interface Mailbox<T> {
  put(letters: readonly T[]): void;
  /** All that has come, as soon as there is something, or after `timeout` ms; at once when the signal is aborted. */
  take(timeout: number, signal: AbortSignal): Promise<readonly T[]>;
}

export function mailbox<T>(): Mailbox<T> {
  let letters: T[] = [];
  let wake: () => void = () => undefined;
  return {
    put(more) {
      letters.push(...more);
      if (more.length > 0) wake();
    },
    async take(timeout, signal) {
      if (letters.length === 0 && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const done = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', done);
            resolve();
          };
          const timer = setTimeout(done, timeout);
          wake = done;
          signal.addEventListener('abort', done);
        });
      }
      const taken = letters;
      letters = [];
      return taken;
    },
  };
}
