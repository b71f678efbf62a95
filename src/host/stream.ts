import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { withoutDescriptors } from './descriptors.js';
import { killGroup } from './kill-group.js';
import { lacks } from './lacks.js';
import type { StreamOptions, StreamResult } from './machine.js';
import { searchPath } from './search-path.js';
import { isNotFound, withUs } from './with-us.js';

/** Of what a command says on stderr the last so many characters are kept. */
const MOST_SAID = 64 * 1024;

/**
 * Runs a command to its end between streams; what passes is never held as a whole. When a stream fails, or the signal is
 * aborted, all processes of the command are killed before the end of its input is shown to it: whoever reads statements
 * would take half a one for a whole one.
 */
export async function streamCommand(argv: readonly string[], options: StreamOptions): Promise<StreamResult> {
  const { input, output, signal } = options;
  signal?.throwIfAborted();
  const [program = '', ...words] = withUs(withoutDescriptors(argv));
  const child = spawn(program, words, {
    detached: true,
    cwd: '/',
    env: { LC_ALL: 'C', PATH: searchPath() },
    stdio: [input === undefined ? 'ignore' : 'pipe', output === undefined ? 'ignore' : 'pipe', 'pipe'],
  });
  const failure: { reason?: unknown } = {};
  const fail = (reason: unknown) => {
    failure.reason ??= reason;
    killGroup(child);
    child.stdout?.resume(); // what nobody reads would keep it open
  };
  const abort = () => {
    fail(signal?.reason);
  };
  signal?.addEventListener('abort', abort, { once: true });
  const said = { text: '' };
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.text = (said.text + text).slice(-MOST_SAID)));
  const closed = () => {
    fail(new Error('whoever read it went away'));
  };
  if (child.stdin !== null) input?.once('error', fail).pipe(child.stdin.on('error', ignore)); // its exit code says why
  if (input?.errored) fail(input.errored);
  if (output !== undefined) child.stdout?.pipe(output.once('error', fail).once('close', closed), { end: false });
  try {
    const [code] = (await once(child, 'close').catch((error: unknown) => {
      throw lacks('setpriv', error);
    })) as [number | null];
    if ('reason' in failure) throw failure.reason;
    const result = { stderr: said.text, exitCode: code ?? 128 };
    if (isNotFound(argv, { stdout: '', ...result })) throw lacks(argv[0] ?? '');
    return result;
  } finally {
    signal?.removeEventListener('abort', abort);
    output?.off('error', fail).off('close', closed);
    input?.off('error', fail).on('error', ignore).destroy();
  }
}

const ignore = () => undefined;
