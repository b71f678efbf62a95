import { existsSync, lstatSync } from 'node:fs';
import path from 'node:path';
import { MachineError, isError } from '../errors/errors.js';

/** What a file system refuses, in words, and what to type; the place is the one that stands in the way. */
const LACKS: Readonly<Record<string, (place: string) => readonly [message: string, ...advice: string[]]>> = {
  ENOSPC: (place) => [`No space is left on the disk of ${place}.`, 'df -h'],
  EDQUOT: (place) => [`The disk quota is used up at ${place}.`, 'quota'],
  EROFS: (place) => [`Read-only: ${place}.`, `findmnt --target ${path.dirname(place)}`],
  EACCES: (place) => [`Not permitted: ${place}.`, `ls -ld ${place}`],
  // Root is refused what it, or the directory that it is in, has an attribute against.
  EPERM: (place) => [`Not permitted: ${place}.`, `chattr -i ${path.dirname(place)} ${place}`],
  ENOENT: (place) => [`There is no ${place}.`],
  EBUSY: (place) => [`In use: ${place}.`, `umount ${place}`, `fuser -vm ${place}`],
  EIO: (place) => [`The disk can't be read or written at ${place}.`, 'dmesg | tail'],
  EISDIR: (place) => [`${place} is a directory, where a file belongs.`, `mv ${place} ${place}.old`],
  ENOTDIR: (place) => notDirectory(obstacle(place)),
  EEXIST: (place) => notDirectory(obstacle(place)),
  ELOOP: (place) => [`${place} is a symbolic link that leads nowhere.`, `ls -ld ${place}`],
};

/** Runs `act`; what the file system refuses is the machine's lack (exit 3), and the message names the place. */
export async function told<T>(place: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw inWords(place, error);
  }
}

/** The same for what answers at once. */
export function toldNow<T>(place: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw inWords(place, error);
  }
}

function inWords(place: string, error: unknown): unknown {
  if (!isError(error) || !('code' in error)) return error;
  const at = 'path' in error && typeof error.path === 'string' ? error.path : place;
  const [message, ...suggestions] = LACKS[String(error.code)]?.(at) ?? [];
  return message === undefined ? error : new MachineError(message, { cause: error, suggestions });
}

function notDirectory(place: string): readonly [string, string] {
  return [`${place} is not a directory.`, `mv ${place} ${place}.old`];
}

/** What is in the way of a path: the nearest thing above it, or itself, that is no directory. */
function obstacle(place: string): string {
  const isThere = existsSync(place) || place === '/';
  if (isThere && !lstatSync(place).isDirectory()) return place;
  const above = path.dirname(place);
  return above === place ? place : obstacle(above);
}
