import { DbnsError, messageOf } from '../errors/errors.js';
import { writeWhole } from '../lifecycle/context.js';
import { inText, tell } from './told.js';

/** 128 + SIGPIPE: how programs end whose reader went away. */
const READER_GONE = 141;

/** What the command did is done; the result got lost. */
class OutputError extends DbnsError {
  readonly code = 'DBNS_OUTPUT';
  readonly exitCode = 3;

  constructor(cause: Error) {
    super(`The result could not be written to stdout (${messageOf(cause)}). What was done stays done.`, { cause });
  }
}

/**
 * What becomes of a call whose streams fail. On stdout are results alone, when the work is done or by commands that only
 * look: there it ends at once, silently when the reader went away. Who reads progress and errors may go away, or have no
 * room: the work goes on, and the exit code tells.
 */
export function watchStreams(): void {
  writeWhole(process.stdout);
  // First of all listeners: oclif's takes a reader that went away for none that ever reads.
  process.stdout.prependListener('error', endWithoutOutput);
  process.stderr.on('error', () => undefined);
}

/** What a call ends with whose result nobody gets. */
export function endWithoutOutput(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE' || error.code === 'ECONNRESET') process.exit(READER_GONE);
  const { document, exitCode } = tell(new OutputError(error));
  process.stderr.write(inText(document));
  process.exit(exitCode);
}
