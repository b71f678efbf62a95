import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { BenchError } from './errors.mjs';

/**
 * A command that has ended.
 * @typedef {object} Ended
 * @property {string} stdout
 * @property {number} ms from before its spawn until its streams were closed
 * @property {number} outputAt ms until its first output
 */

/**
 * Runs a command to its end, in a session of its own: Ctrl-C reaches it through `signal` alone, as one SIGINT.
 * @param {readonly string[]} argv
 * @param {object} [options]
 * @param {string} [options.input]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {AbortSignal} [options.signal] ends the command; the promise is settled after its end all the same
 * @param {(line: string, at: number) => void} [options.onLine] each line of stderr, and the ms until it came
 * @returns {Promise<Ended>}
 */
export async function run(argv, { input, env, signal, onLine } = {}) {
  signal?.throwIfAborted();
  const started = process.hrtime.bigint();
  const since = () => Number(process.hrtime.bigint() - started) / 1e6;
  const child = spawn(argv[0], argv.slice(1), { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = closing(child, since);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const interrupt = () => child.kill('SIGINT');
  signal?.addEventListener('abort', interrupt);
  let outputAt = 0;
  child.stdout.once('data', () => {
    outputAt = since();
  });
  const said = [];
  createInterface(child.stderr).on('line', (line) => {
    said.push(line);
    onLine?.(line, since());
  });
  const [stdout, { how, ms }] = await Promise.all([text(child.stdout), closed]);
  signal?.removeEventListener('abort', interrupt);
  signal?.throwIfAborted();
  if (how !== 0) throw new BenchError(failure(argv, how, said, stdout));
  return { stdout, ms, outputAt };
}

function closing(child, since) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ how: code ?? signal, ms: since() }));
  });
}

function failure(argv, how, said, stdout) {
  const words = argv.length > 12 ? [...argv.slice(0, 12), '…'] : argv;
  return [`${words.join(' ')}: ended with ${how}`, ...said, stdout.trim()].filter((line) => line !== '').join('\n');
}

/** What one sample left to be written must not slow down the next. */
export async function settle() {
  await run(['sync']);
}
