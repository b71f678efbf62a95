import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import { InterruptedError, messageOf, UsageError } from '../errors/errors.js';
import { localMachine, type Context } from '../lifecycle/context.js';
import { progressOn } from './progress.js';
import { inText, tell } from './told.js';

/** The class of a command, as the program sees it. */
export interface RunnableCommand {
  runWith(argv: string[], config: Config): Promise<void>;
}

/** What all commands have in common: `--json`, errors with their exit codes, progress on stderr, Ctrl-C. */
export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true;

  protected readonly machine = localMachine;
  protected readonly observer = progressOn(process.stderr);

  /** With the configuration that the program has loaded: oclif's `run` loads it once more. */
  static async runWith(this: new (argv: string[], config: Config) => BaseCommand, argv: string[], config: Config) {
    await new this(argv, config)._run();
  }

  /** A context whose progress is shown on stderr, and that SIGINT, SIGTERM and SIGHUP abort. */
  protected interruptible(): Context {
    const controller = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (controller.signal.aborted) process.stderr.write('Cleaning up; this takes a moment.\n');
        else controller.abort(new InterruptedError(signal));
      });
    }
    return { machine: this.machine, observer: this.observer, signal: controller.signal };
  }

  /** @throws UsageError when it is not there, or can't be read. */
  protected readFile(what: string, file: string): string {
    try {
      const text = this.machine.files.read(file);
      if (text !== null) return text;
    } catch (error) {
      throw new UsageError(`The ${what} ${file} can't be read: ${messageOf(error)}.`, { cause: error });
    }
    throw new UsageError(`There is no ${what} ${file}.`);
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
