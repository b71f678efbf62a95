import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { MachineError } from '../errors/errors.js';
import { hasCode } from './files.js';
import { lacks } from './lacks.js';

export interface LockOptions {
  /** Wait for the holder to end; without it a held lock answers null at once. */
  readonly wait?: boolean;
}

export interface Lock {
  release(): Promise<void>;
}

/**
 * The kernel's lock on a directory (flock(2)), held by a `flock DIRECTORY cat` that ends when its stdin does: when we
 * release it, or die in whatever way. In a session of its own, so that a Ctrl-C does not take the lock from a rollback.
 */
export async function lockDirectory(directory: string, options: LockOptions = {}): Promise<Lock | null> {
  const mode = options.wait === true ? [] : ['--nonblock', '--conflict-exit-code', '75'];
  const holder = spawn('flock', [...mode, directory, 'cat'], { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  holder.stdin.on('error', () => undefined);
  holder.stdin.write('locked');
  const held = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    once(holder, 'close').then(([code]) => closedWith(code, directory)),
  ]).catch((error: unknown) => {
    // What `once` waits for never comes when the program can't be started.
    throw hasCode(error, 'ENOENT') ? lacks('flock', error) : error;
  });
  return held ? { release: () => release(holder) } : null;
}

function closedWith(code: unknown, directory: string): false {
  if (code === 75) return false;
  throw new MachineError(`Can't lock ${directory}: flock ended with ${String(code)}.`);
}

async function release(holder: ChildProcess): Promise<void> {
  if (holder.exitCode !== null || holder.signalCode !== null) return;
  const closed = once(holder, 'close');
  holder.stdin?.end();
  await closed;
}
