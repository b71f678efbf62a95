import type { Node } from '../cluster/cluster.js';
import { isError } from '../errors/errors.js';

/** Asks nodes all at once: what each answers, by name, or why it does not. */
export async function askNodes<T>(
  nodes: readonly Node[],
  ask: (node: Node) => Promise<T>,
): Promise<ReadonlyMap<string, T | Error>> {
  const answers = nodes.map(async (node): Promise<[string, T | Error]> => {
    const answer = await ask(node).catch((error: unknown) => (isError(error) ? error : new Error(String(error))));
    return [node.name, answer];
  });
  return new Map(await Promise.all(answers));
}

/** Of those that were asked, those that answered. */
export function answersOf<T>(said: ReadonlyMap<string, T | Error>): ReadonlyMap<string, T> {
  return new Map([...said].flatMap(([name, answer]) => (isError(answer) ? [] : [[name, answer] as const])));
}
