import { randomInt } from 'node:crypto';
import type { Flow, Side } from '../../cluster/fault.js';
import { UsageError } from '../../errors/errors.js';

/** How a partition is said; one way of them. */
export interface Split {
  /** Names on each side; who is on none forms one more. */
  readonly sides: readonly (readonly string[])[];
  /** One side: a name, or `primary`, `minority`, `majority`, `random`. */
  readonly isolate?: string | undefined;
  /** One half of the nodes from the other. */
  readonly halves?: boolean | undefined;
  /** Each node sees a majority, and no two the same. */
  readonly ring?: boolean | undefined;
  /** The name of the node that alone sees both halves of the others. */
  readonly bridge?: string | undefined;
  /** One way: names of those whose packets do not arrive, and where. */
  readonly from?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
}

/** What sides are made of. */
export interface Among {
  /** Names of the nodes that are servers to each other, in order. */
  readonly nodes: readonly string[];
  /** Those of them that are primaries, as their servers say. */
  readonly primaries: readonly string[];
}

/** Between sides, both ways. */
function flowsBetween(sides: readonly Side[]): readonly Flow[] {
  return sides.flatMap((from) => sides.filter((side) => side !== from).map((to) => ({ from, to })));
}

/**
 * Whose packets go where no more. What is chosen at random is chosen here, once.
 * @throws UsageError when nothing is said, or too much, or what the nodes are too few for.
 */
export function flowsOf(split: Split, among: Among): readonly Flow[] {
  const ways = [
    split.sides.length > 0,
    split.isolate !== undefined,
    split.halves === true,
    split.ring === true,
    split.bridge !== undefined,
    split.from !== undefined || split.to !== undefined,
  ];
  if (ways.filter(Boolean).length !== 1) throw new UsageError(`Say one of ${WAYS}.`);
  if (split.isolate !== undefined) return flowsBetween([isolated(split.isolate, among), 'rest']);
  if (split.halves === true) return flowsBetween(halvesOf(among.nodes, 'halves'));
  if (split.ring === true) return ringOf(among.nodes);
  if (split.bridge !== undefined) return bridgeOf(split.bridge, among.nodes);
  if (split.sides.length > 0) return flowsBetween(apart(split.sides));
  if (split.from === undefined || split.to === undefined)
    throw new UsageError('One way is from somebody --to somebody.');
  return [{ from: split.from, to: split.to }];
}

const WAYS = '--side (or --role, --group, --zone), --isolate, --halves, --ring, --bridge, and --from with --to';

function apart(sides: readonly (readonly string[])[]): readonly Side[] {
  const seen = new Set<string>();
  for (const name of sides.flat()) {
    if (seen.has(name)) throw new UsageError(`${name} is on two sides.`);
    seen.add(name);
  }
  return [...sides, 'rest'];
}

function isolated(word: string, { nodes, primaries }: Among): readonly string[] {
  const minority = Math.floor((nodes.length - 1) / 2);
  switch (word) {
    case 'primary':
      if (primaries.length === 0) throw new UsageError('There is no primary that could be isolated.');
      return primaries;
    case 'random':
      return chosenOf(nodes, 1);
    case 'minority':
      if (minority === 0) throw new UsageError(`Of ${nodes.length} nodes none is a minority.`);
      return chosenOf(nodes, minority);
    case 'majority':
      return chosenOf(nodes, Math.floor(nodes.length / 2) + 1);
    default:
      return [word];
  }
}

/** Some, at random, in their order. */
function chosenOf(nodes: readonly string[], count: number): readonly string[] {
  const left = [...nodes];
  while (left.length > count) left.splice(randomInt(left.length), 1);
  return left;
}

/** The first half is the smaller one. */
function halvesOf(nodes: readonly string[], what: string): readonly [readonly string[], readonly string[]] {
  if (nodes.length < 2) throw new UsageError(`There are no ${what} of ${nodes.length}.`);
  const middle = Math.floor(nodes.length / 2);
  return [nodes.slice(0, middle), nodes.slice(middle)];
}

function bridgeOf(name: string, nodes: readonly string[]): readonly Flow[] {
  if (!nodes.includes(name)) throw new UsageError(`${name} can be no bridge: the nodes are ${nodes.join(', ')}.`);
  return flowsBetween(
    halvesOf(
      nodes.filter((node) => node !== name),
      'halves of the others',
    ),
  );
}

/** Nodes stand in a ring, and see as many neighbours on either side as make a majority with them. */
function ringOf(nodes: readonly string[]): readonly Flow[] {
  const reach = Math.ceil(Math.floor(nodes.length / 2) / 2);
  const distance = (one: number, other: number) => {
    const along = Math.abs(one - other);
    return Math.min(along, nodes.length - along);
  };
  const flows = nodes.flatMap((from, one) =>
    nodes.flatMap((to, other) => (distance(one, other) > reach ? [{ from: [from], to: [to] }] : [])),
  );
  if (flows.length === 0) throw new UsageError(`A ring needs four nodes; there are ${nodes.length}.`);
  return flows;
}
