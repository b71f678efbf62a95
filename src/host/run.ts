import debug from 'debug';
import { execa } from 'execa';
import { InterruptedError } from '../errors/errors.js';
import { CommandError } from './command-error.js';
import { fullDisk } from './full-disk.js';
import { killGroup } from './kill-group.js';
import { lacks } from './lacks.js';
import { withoutDescriptors } from './descriptors.js';
import type { RunOptions, RunResult } from './machine.js';
import { searchPath } from './search-path.js';
import { isNotFound, withUs } from './with-us.js';

const log = debug('dbns:run');

/**
 * Runs a command to its end. It dies with us, so that nothing goes on making things after a `create` that was killed; a
 * session of its own keeps Ctrl-C from it, so that a step is never cut in two.
 */
export async function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const started = performance.now();
  const [program = '', ...words] = withUs(withoutDescriptors(argv));
  const child = execa(program, words, {
    reject: false,
    detached: true,
    cleanup: false,
    stripFinalNewline: false,
    maxBuffer: 64 * 1024 * 1024,
    cwd: '/',
    env: { LC_ALL: 'C', PATH: searchPath(), ...options.env },
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal, forceKillAfterDelay: 2000 }),
  });
  // A bwrap that is killed before its sandbox stands leaves a process that waits for it for ever, with our pipes.
  child.once('exit', () => {
    if (options.signal?.aborted === true) killGroup(child);
  });
  if (options.onLine !== undefined) void passLines(child.iterable({ from: 'stderr' }), options.onLine);
  const ended = await child;
  log('%d ms: %s', Math.round(performance.now() - started), argv.join(' '));
  if (ended.isCanceled) throw options.signal?.reason ?? new InterruptedError('SIGTERM');
  if (ended.exitCode === undefined && ended.signal === undefined) throw lacks('setpriv', ended.cause);
  const result = { stdout: ended.stdout, stderr: ended.stderr, exitCode: ended.exitCode ?? 128 };
  if (isNotFound(argv, result)) throw lacks(argv[0] ?? '', ended.cause);
  if (result.exitCode !== 0 && options.allowFailure !== true)
    throw fullDisk(`${result.stderr}\n${result.stdout}`) ?? new CommandError(argv, result);
  return result;
}

async function passLines(lines: AsyncIterable<unknown>, onLine: (line: string) => void): Promise<void> {
  for await (const line of lines) onLine(String(line));
}
