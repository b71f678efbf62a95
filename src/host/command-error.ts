import { DbnsError } from '../errors/errors.js';
import type { RunResult } from './machine.js';

/** A program of the machine that ended with an error. Its words are the message; its argv holds no secret. */
export class CommandError extends DbnsError {
  readonly code = 'DBNS_COMMAND';
  readonly exitCode = 3;

  constructor(
    argv: readonly string[],
    readonly result: RunResult,
  ) {
    const words = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-5).join('\n');
    super(`'${argv.slice(0, 4).join(' ')}' failed (exit ${result.exitCode}): ${words || 'it said nothing'}`);
  }
}
