import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { MachineError } from '../errors/errors.js';

/**
 * Whoever removes a tree would go on into what somebody mounted in it, and remove their files.
 * @throws MachineError naming the mount, when a tree is one or has one in it.
 */
export function assertNoMount(tree: string): void {
  const real = path.join(realpathSync(path.dirname(tree)), path.basename(tree));
  const mount = mountpoints().find((place) => place === real || place.startsWith(`${real}/`));
  if (mount === undefined) return;
  throw new MachineError(`Something is mounted at ${mount}.`, { suggestions: [`umount ${mount}`] });
}

/** The last that was mounted comes first: so it can be unmounted. */
function mountpoints(): readonly string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return lines
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map(unescaped)
    .reverse();
}

/** The kernel writes a space as \040, and a few others like it. */
function unescaped(place: string): string {
  return place.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
