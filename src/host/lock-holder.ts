import fs from 'node:fs';
import { now } from './clock.js';
import { parentOf, startTimeOf } from './proc-stat.js';

/** Who has taken a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly argv: readonly string[];
  /** Seconds since it was started. */
  readonly age: number;
}

/**
 * The process for which a `flock DIRECTORY/. cat` holds the lock on a directory; null when nobody does, or it can't be
 * seen from here. The kernel names inodes without their devices as stat(2) tells them: the words of the flock say which.
 * Source: proc(5), /proc/locks.
 */
export function lockHolder(directory: string): LockHolder | null {
  const inode = fs.statSync(directory, { throwIfNoEntry: false })?.ino;
  // To read all locks the kernel waits until nobody changes any: some ms.
  if (inode === undefined) return null;
  const locks = fs.readFileSync('/proc/locks', 'utf8').matchAll(/^\d+: FLOCK +\S+ +WRITE +(\d+) \S+:(\d+) /gm);
  for (const [, flock, of] of locks) {
    if (Number(of) !== inode || !argvOf(Number(flock)).includes(`${directory}/.`)) continue;
    try {
      const pid = parentOf(Number(flock));
      const argv = argvOf(pid);
      return argv.length === 0 ? null : { pid, argv, age: ageOf(pid) };
    } catch {
      return null; // it has ended meanwhile
    }
  }
  return null;
}

/** Empty when it is gone: another file system may have a lock of the same inode, whose holder just ended. */
function argvOf(pid: number): readonly string[] {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/** A clock tick is a hundredth of a second for whoever looks from outside of the kernel (USER_HZ). */
function ageOf(pid: number): number {
  return Math.max(0, now().uptime / 1000 - startTimeOf(pid) / 100);
}
