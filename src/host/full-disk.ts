import { MachineError } from '../errors/errors.js';

/** ENOSPC as the C library says it, Galera, and servers that tell its number alone. */
const WORDS =
  /no space left on device|exceeds available storage space|\b(?:errno|errcode|error(?: number)?):? 28\b|disk is full/i;

/** The error for a program or a server that found no room, by a line of what it wrote; null when it wrote of none. */
export function fullDisk(written: string): MachineError | null {
  const line = written.split('\n').find((text) => WORDS.test(text));
  if (line === undefined) return null;
  return new MachineError(`No space is left on the disk:\n  ${line.trim()}`, {
    suggestions: ['df -h', 'dbns list', 'dbns image prune'],
  });
}
