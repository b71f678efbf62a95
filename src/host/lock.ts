import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { MachineError, NotFoundError } from '../errors/errors.js';
import { withoutDescriptors } from './descriptors.js';
import { hasCode } from './files.js';
import { lacks } from './lacks.js';
import { searchPath } from './search-path.js';

export interface LockOptions {
  /** Wait for the holder to end; without it a held lock answers null at once. */
  readonly wait?: boolean;
  /** Aborting it ends the waiting; its reason is the error. */
  readonly signal?: AbortSignal;
}

export interface Lock {
  release(): Promise<void>;
}

/** Exit codes of flock: the lock is held, as we ask it to say; it can't be opened (sysexits.h). */
const HELD = 75;
const NO_INPUT = 66;

/**
 * The kernel's lock on a directory (flock(2)), held by a `flock DIRECTORY cat` that ends when its stdin does: when we
 * release it, or die in whatever way (one that still waits outlives us till then). In a session of its own, so that a
 * Ctrl-C does not take the lock from a rollback.
 */
export async function lockDirectory(directory: string, options: LockOptions = {}): Promise<Lock | null> {
  const mode = options.wait === true ? [] : ['--nonblock', '--conflict-exit-code', String(HELD)];
  // With '/.', flock does not make a file of that name when the directory is gone.
  const [program = '', ...words] = withoutDescriptors(['flock', ...mode, `${directory}/.`, 'cat']);
  const holder = spawn(program, words, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
    env: { PATH: searchPath() },
  });
  holder.stdin.on('error', () => undefined);
  holder.stdin.write('locked');
  const held = await Promise.race([
    once(holder.stdout, 'data', options).then(() => true),
    once(holder, 'close').then(([code]) => closedWith(code, directory)),
  ]).catch((error: unknown) => {
    if (options.signal?.aborted === true) {
      giveUp(holder);
      throw options.signal.reason;
    }
    // What `once` waits for never comes when the program can't be started.
    throw hasCode(error, 'ENOENT') ? lacks('flock', error) : error;
  });
  return held ? { release: () => release(holder) } : null;
}

function closedWith(code: unknown, directory: string): false {
  if (code === HELD) return false;
  if (code === NO_INPUT) throw new NotFoundError(`${directory} is gone.`);
  throw new MachineError(`Can't lock ${directory}: flock ended with ${String(code)}.`);
}

/** Whether flock still waits, or `cat` has the lock by now, it ends. */
function giveUp(holder: ChildProcess): void {
  holder.stdin?.end();
  holder.kill();
}

async function release(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  const closed = once(holder, 'close');
  holder.stdin?.end();
  await closed;
}
