import path from 'node:path';
import type { Machine } from '../host/machine.js';

/** As many as the kernel follows. */
const MOST_LINKS = 40;

/**
 * Whether a path is there in a tree. Links are followed as they are by who has the tree for a root: an absolute one from
 * there, and none leads out.
 */
export async function isInside(machine: Machine, root: string, file: string): Promise<boolean> {
  let [at, rest, links] = ['/', partsOf(file), 0];
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = path.join(at, name);
    const target = await machine.files.readLink(path.join(root, next));
    if (target === null) at = next;
    else if (++links > MOST_LINKS) return false;
    else [at, rest] = [path.isAbsolute(target) ? '/' : at, [...partsOf(target), ...rest]];
  }
  return machine.files.exists(path.join(root, at));
}

function partsOf(file: string): string[] {
  return file.split('/').filter((part) => part !== '' && part !== '.');
}
