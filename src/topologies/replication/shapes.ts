/** Who replicates from whom. */
export const SHAPES = ['star', 'chain', 'ring', 'fan-in', 'all-masters'] as const;
export type Shape = (typeof SHAPES)[number];

/** Node → the nodes that it replicates from. */
export type Sources = Readonly<Record<string, readonly string[]>>;

/** The least number of nodes that make the shape. */
export const LEAST_NODES: Readonly<Record<Shape, number>> = {
  star: 1,
  chain: 1,
  ring: 2,
  'fan-in': 2,
  'all-masters': 2,
};

/** Every node of these takes writes. */
export const MANY_WRITERS: ReadonlySet<Shape> = new Set(['ring', 'all-masters']);

/** Of these several nodes take writes, and so each gives out numbers of its own. */
export const MANY_SOURCES: ReadonlySet<Shape> = new Set(['ring', 'fan-in', 'all-masters']);

/** In these one node takes writes for all, and another can be promoted to that. */
export const PROMOTING: ReadonlySet<Shape> = new Set(['star', 'chain']);

/** The sources of each node: the first node leads a star and a chain, the last gathers a fan-in. */
export function sourcesOf(shape: Shape, names: readonly string[]): Sources {
  const last = names.length - 1;
  const sources = (position: number): readonly number[] => {
    switch (shape) {
      case 'star':
        return position === 0 ? [] : [0];
      case 'chain':
        return position === 0 ? [] : [position - 1];
      case 'ring':
        return [position === 0 ? last : position - 1];
      case 'fan-in':
        return position === last ? names.slice(0, -1).map((_, index) => index) : [];
      case 'all-masters':
        return names.flatMap((_, index) => (index === position ? [] : [index]));
    }
  };
  return Object.fromEntries(
    names.map((name, position) => [name, sources(position).flatMap((index) => names[index] ?? [])]),
  );
}

/** One node that replicates from another. */
export interface Link {
  readonly replica: string;
  readonly source: string;
  /** Empty for the only source of a node, else the name of the source. */
  readonly channel: string;
}

/** All links, those nearest to the origin of the data first; a ring begins anywhere. */
export function linksOf(sources: Sources): readonly Link[] {
  const links = Object.entries(sources).flatMap(([replica, from]) =>
    from.map((source) => ({ replica, source, channel: from.length > 1 ? source : '' })),
  );
  return links
    .map((link) => ({ link, depth: depthOf(link.replica, sources) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ link }) => link);
}

/** By node, the links on which what is written at one travels to it: the shortest way, the first link first. */
export function pathsFrom(sources: Sources, at: string): ReadonlyMap<string, readonly Link[]> {
  const links = linksOf(sources);
  const paths = new Map<string, readonly Link[]>([[at, []]]);
  for (const [from, path] of paths) {
    for (const link of links) {
      if (link.source === from && !paths.has(link.replica)) paths.set(link.replica, [...path, link]);
    }
  }
  return paths;
}

/** The links on which all that others have comes to a node: the shortest way, the farthest first. */
export function linksUpFrom(sources: Sources, at: string): readonly Link[] {
  const found: Link[] = [];
  const seen = new Set([at]);
  for (const name of seen) {
    for (const link of linksOf(sources)) {
      if (link.replica !== name || seen.has(link.source)) continue;
      seen.add(link.source);
      found.push(link);
    }
  }
  return found.reverse();
}

/** Nodes in batches, each before the one that it replicates from: the end of a chain comes first. */
export function endsFirst(sources: Sources): readonly (readonly string[])[] {
  const batches: string[][] = [];
  for (const name of Object.keys(sources)) (batches[depthOf(name, sources)] ??= []).push(name);
  return batches.reverse();
}

/** How many links lead up from a node; a circle ends the count. */
function depthOf(node: string, sources: Sources, seen: readonly string[] = []): number {
  const [first] = sources[node] ?? [];
  return first === undefined || seen.includes(node) ? 0 : 1 + depthOf(first, sources, [...seen, node]);
}
