import * as v from 'valibot';
import { nodeNames, type ClusterSpec, type Settings } from '../cluster/cluster.js';
import { UsageError } from '../errors/errors.js';
import type { GrowthWords } from './growth.js';

/** How many nodes a cluster, or a part of it, may have. */
export interface Limits {
  readonly default: number;
  readonly least: number;
  readonly most: number;
}

/**
 * The names of the nodes that are wanted.
 * @throws UsageError for a number that a cluster of this topology can't have.
 */
export function wantedNames(spec: Pick<ClusterSpec, 'topology' | 'nodes'>, { least, most, ...limits }: Limits) {
  const count = spec.nodes ?? limits.default;
  if (!Number.isInteger(count) || count < least || count > most) {
    throw new UsageError(`--nodes ${count}: a ${spec.topology} cluster has ${least} to ${most} nodes.`);
  }
  return nodeNames(count);
}

/**
 * How much later a node applies, seconds.
 * @throws UsageError for what no server of the topology takes.
 */
export function assertDelay(node: string, seconds: number, most: number): void {
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= most) return;
  throw new UsageError(`--delay ${node}=${seconds}s: servers delay by whole seconds, 1 to ${most}.`);
}

/**
 * Reads the words of an `add`; `who` takes them, e.g. `a group`.
 * @throws UsageError for a word that was typed and is none of theirs, and for what a word can't be.
 */
export function readWords<T extends v.ObjectEntries>(
  words: Settings,
  known: v.ObjectSchema<T, undefined>,
  who: string,
) {
  const own = Object.keys(known.entries);
  const other = Object.keys(words).find((word) => words[word] !== undefined && !own.includes(word));
  if (other !== undefined) {
    const flags = own.map((word) => `--${word}`).join(', ');
    throw new UsageError(`--${other}: ${who} takes no such word.`, {
      suggestions: flags === '' ? [] : [`What it takes besides --nodes and --image: ${flags}`],
    });
  }
  return readTyped(words, known);
}

/**
 * Reads words as they were typed, or given by a program.
 * @throws UsageError for what a word can't be.
 */
export function readTyped<T>(words: Settings, known: v.GenericSchema<unknown, T>): T {
  const { success, output, issues } = v.safeParse(known, words);
  if (success) return output;
  const [issue] = issues;
  throw new UsageError(`--${v.getDotPath(issue) ?? ''}: ${issue.message}.`);
}

/**
 * How many come to `present` nodes; one where nothing was said. `whole` may have so many, e.g. `a group`.
 * @throws UsageError when they would be too many, or none.
 */
export function wantedNewcomers(
  { nodes }: Pick<GrowthWords, 'nodes'>,
  present: number,
  { whole, most, of = 'nodes' }: { readonly whole: string; readonly most: number; readonly of?: string },
): number {
  const count = nodes ?? 1;
  if (!Number.isInteger(count) || count < 1) throw new UsageError(`--nodes ${count}: one comes at least.`);
  if (present + count <= most) return count;
  throw new UsageError(`--nodes ${count}: ${whole} has at most ${most} ${of}, and there are ${present}.`);
}
