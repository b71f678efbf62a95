import { DbnsError, UsageError, messageOf } from '../errors/errors.js';

/** How an error stands in JSON, on stdout. */
interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly suggestions: readonly string[] };
}

interface Told {
  readonly exitCode: number;
  readonly document: ErrorDocument;
}

/** Our own errors say what they are; oclif's are about the call's words; anything else is a bug of ours. */
export function tell(error: Error): Told {
  if (error instanceof DbnsError) {
    const { code, message, suggestions, exitCode } = error;
    return { exitCode, document: { error: { code, message, suggestions } } };
  }
  if (isOfDirectory(error)) return tell(new UsageError(NOWHERE, { cause: error, suggestions: ['cd /'] }));
  if ('oclif' in error) {
    const message = error.message.replace(/\nSee more help with --help$/, '').replace(/^Parsing (--\S+) \n\t/, '$1: ');
    return {
      exitCode: 2,
      document: { error: { code: 'DBNS_USAGE', message, suggestions: ['--help shows the words that there are.'] } },
    };
  }
  const message = `A bug in dbns: ${messageOf(error)}`;
  return {
    exitCode: 1,
    document: { error: { code: 'DBNS_BUG', message, suggestions: ["DEBUG='dbns:*' shows where."] } },
  };
}

export function inText({ error: { message, suggestions } }: ErrorDocument): string {
  return [`Error: ${message}`, ...suggestions.map((suggestion) => `  → ${suggestion}`), ''].join('\n');
}

const NOWHERE = 'The working directory was removed, so a relative path leads nowhere.';

/** Node's error where a relative path is made absolute and there is no working directory. */
function isOfDirectory(error: Error): boolean {
  return 'syscall' in error && error.syscall === 'uv_cwd';
}
