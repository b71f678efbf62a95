import { Command } from '@oclif/core/command';
import { DbnsError, InterruptedError, messageOf } from '../errors/errors.js';
import { localMachine, type Context } from '../lifecycle/context.js';
import { progressOn } from './progress.js';

/** How an error stands in JSON, on stdout. */
interface ErrorDocument {
  readonly error: { readonly code: string; readonly message: string; readonly suggestions: readonly string[] };
}

/** What all commands have in common: `--json`, errors with their exit codes, progress on stderr, Ctrl-C. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  protected readonly machine = localMachine;
  protected readonly observer = progressOn(process.stderr);

  /** A context whose progress is shown on stderr, and that SIGINT, SIGTERM and SIGHUP abort. */
  protected interruptible(): Context {
    // Who reads our progress may go away: that must not end us in the middle of something.
    process.stderr.on('error', () => undefined);
    const controller = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (controller.signal.aborted) process.stderr.write('Cleaning up; this takes a moment.\n');
        else controller.abort(new InterruptedError(signal));
      });
    }
    return { machine: this.machine, observer: this.observer, signal: controller.signal };
  }

  protected override async catch(error: Error): Promise<void> {
    // A phase that is still drawn would keep us from ending.
    this.observer.phaseFailed?.();
    const told = tell(error);
    process.exitCode = told.exitCode;
    if (this.jsonEnabled()) this.logJson(told.document);
    else process.stderr.write(inText(told.document));
    if (process.env.DEBUG) process.stderr.write(`${error.stack ?? ''}\n`);
    return Promise.resolve();
  }
}

interface Told {
  readonly exitCode: number;
  readonly document: ErrorDocument;
}

/** Our own errors say what they are; oclif's are about the call's words; anything else is a bug of ours. */
function tell(error: Error): Told {
  if (error instanceof DbnsError) {
    const { code, message, suggestions, exitCode } = error;
    return { exitCode, document: { error: { code, message, suggestions } } };
  }
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

function inText({ error: { message, suggestions } }: ErrorDocument): string {
  return [`Error: ${message}`, ...suggestions.map((suggestion) => `  → ${suggestion}`), ''].join('\n');
}
