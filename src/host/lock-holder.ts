import fs from 'node:fs';
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
  try {
    const { ino } = fs.statSync(directory);
    const locks = fs.readFileSync('/proc/locks', 'utf8').matchAll(/^\d+: FLOCK +\S+ +WRITE +(\d+) \S+:(\d+) /gm);
    for (const [, flock, inode] of locks) {
      if (Number(inode) !== ino || !argvOf(Number(flock)).includes(`${directory}/.`)) continue;
      const pid = parentOf(Number(flock));
      const argv = argvOf(pid);
      return argv.length === 0 ? null : { pid, argv, age: ageOf(pid) };
    }
    return null;
  } catch {
    return null; // it has ended meanwhile
  }
}

function argvOf(pid: number): readonly string[] {
  return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
}

/** A clock tick is a hundredth of a second for whoever looks from outside of the kernel (USER_HZ). */
function ageOf(pid: number): number {
  const [uptime] = fs.readFileSync('/proc/uptime', 'utf8').split(' ');
  return Math.max(0, Number(uptime) - startTimeOf(pid) / 100);
}
