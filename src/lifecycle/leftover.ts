import { DbnsError, LeftoverError, messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { killUsers } from '../process/find.js';

/** A resource that is still there, why, and what to type. */
export interface Leftover {
  readonly resource: string;
  readonly reason: string;
  readonly advice: readonly string[];
}

/** What stayed because of an error. */
export function leftoverOf(resource: string, error: unknown): Leftover {
  return { resource, reason: messageOf(error), advice: error instanceof DbnsError ? error.suggestions : [] };
}

/** Runs a removal for each; one that fails does not stop the others: all that stayed is answered. */
export async function removeEach<T>(
  things: readonly T[],
  titleOf: (thing: T) => string,
  remove: (thing: T) => Promise<void>,
): Promise<readonly Leftover[]> {
  const leftovers: Leftover[] = [];
  for (const thing of things) {
    await remove(thing).catch((error: unknown) => leftovers.push(leftoverOf(titleOf(thing), error)));
  }
  return leftovers;
}

/** Files and trees, the same way: in one go, and one by one where that fails. Whoever has them in a container ends first. */
export async function removeAll(machine: Machine, paths: readonly string[]): Promise<readonly Leftover[]> {
  if (paths.length === 0) return [];
  await killUsers(machine, paths);
  const failed = await machine.removeTrees(paths).then(
    () => false,
    () => true,
  );
  if (!failed) return [];
  return removeEach(
    paths,
    (path) => path,
    (path) => machine.files.remove(path),
  );
}

/** The error that names what stayed; `again` is what to type when the way is clear. */
export function leftoverError(what: string, leftovers: readonly Leftover[], again: readonly string[]): LeftoverError {
  const lines = leftovers.map((leftover) => `  ${inWords(leftover)}`);
  const commands = new Set(leftovers.flatMap(({ advice }) => advice));
  const suggestions = [...(commands.size > 0 ? commands : ['dbns doctor']), ...again];
  return new LeftoverError([what, ...lines].join('\n'), { suggestions });
}

export function inWords({ resource, reason }: Leftover): string {
  return `${resource}: ${reason}`;
}
