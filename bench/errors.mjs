import os from 'node:os';

/** Ends the bench with a sentence and an exit code: the ones of dbns. */
export class BenchError extends Error {
  exitCode = 1;
}

export class UsageError extends BenchError {
  exitCode = 2;
}

export class MachineError extends BenchError {
  exitCode = 3;
}

export class ConflictError extends BenchError {
  exitCode = 5;
}

export class InterruptedError extends BenchError {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`Interrupted by ${signal}.`);
    this.exitCode = 128 + os.constants.signals[signal];
  }
}
