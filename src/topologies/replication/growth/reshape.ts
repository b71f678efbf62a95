import { ConflictError, UsageError } from '../../../errors/errors.js';
import { mutable, roleIn, type ReplicationSettings } from '../settings.js';
import { LEAST_NODES, endsFirst, type Sources } from '../shapes.js';

/**
 * The sources of all nodes when some have come: each where its shape has room, or replicating from the node `from`.
 * @throws UsageError for a `from` that makes no sense; ConflictError when there is nobody to replicate from.
 */
export function withNewcomers(
  settings: ReplicationSettings,
  newcomers: readonly string[],
  from: string | null,
): Sources {
  const { shape, sources } = settings;
  assertSource(settings, from);
  switch (shape) {
    case 'star':
      return { ...sources, ...eachFrom(newcomers, from ?? primaryOf(settings)) };
    case 'chain':
      return from === null
        ? { ...sources, ...inLine(newcomers, lastOf(settings)) }
        : { ...sources, ...eachFrom(newcomers, from) };
    case 'ring':
      return intoRing(sources, newcomers);
    case 'fan-in':
      return toGatherer(settings, newcomers);
    case 'all-masters': {
      const all = [...Object.keys(sources), ...newcomers];
      return Object.fromEntries(all.map((name) => [name, besides(name, sources[name] ?? [], all)]));
    }
  }
}

function assertSource({ shape, sources }: ReplicationSettings, from: string | null): void {
  if (from === null) return;
  if (shape !== 'star' && shape !== 'chain') {
    throw new UsageError(`--source ${from}: who replicates from whom is given in the shape ${shape}.`);
  }
  if (sources[from] !== undefined) return;
  throw new UsageError(`--source ${from}: the nodes are ${Object.keys(sources).join(', ')}.`);
}

const eachFrom = (names: readonly string[], source: string) =>
  Object.fromEntries(names.map((name) => [name, [source]]));

/** The first from `source`, each other from the one before. */
const inLine = (names: readonly string[], source: string) =>
  Object.fromEntries(names.map((name, position) => [name, [names[position - 1] ?? source]]));

/** Those that it has stay in their order. */
const besides = (name: string, own: readonly string[], all: readonly string[]) => [
  ...own,
  ...all.filter((other) => other !== name && !own.includes(other)),
];

function primaryOf(settings: ReplicationSettings): string {
  const primary = Object.keys(settings.sources).find((name) => roleIn(settings, name) === 'primary');
  if (primary !== undefined) return primary;
  throw new ConflictError('It has no primary that a node could replicate from.', {
    suggestions: ['Promote one of its nodes first: dbns promote CLUSTER NODE'],
  });
}

/** The node at the far end of a chain: of several that are as far, the one that came last. */
function lastOf(settings: ReplicationSettings): string {
  primaryOf(settings);
  return endsFirst(settings.sources)[0]?.at(-1) ?? '';
}

/** Between the last and the first, who follows the last newcomer from then on. */
function intoRing(sources: Sources, newcomers: readonly string[]): Sources {
  const [first = ''] = Object.keys(sources);
  const [last = ''] = sources[first] ?? [];
  return { ...sources, ...inLine(newcomers, last), [first]: newcomers.slice(-1) };
}

function toGatherer({ sources }: ReplicationSettings, newcomers: readonly string[]): Sources {
  const [gatherer, own] = Object.entries(sources).find(([, from]) => from.length > 0) ?? [];
  if (gatherer === undefined || own === undefined) {
    throw new ConflictError('The node that gathered was removed: there is none that a source could be added for.');
  }
  return {
    ...sources,
    ...Object.fromEntries(newcomers.map((name) => [name, []])),
    [gatherer]: [...own, ...newcomers],
  };
}

/**
 * Those who came half way are not in the words yet: here as where they may have got to. In a star or chain that may have
 * been any node.
 */
export function withHalfCome(settings: ReplicationSettings, names: readonly string[]): ReplicationSettings {
  const { shape, sources } = settings;
  const half = names.filter((name) => sources[name] === undefined);
  if (half.length === 0) return settings;
  const all =
    shape === 'star' || shape === 'chain'
      ? { ...sources, ...Object.fromEntries(half.map((name) => [name, Object.keys(sources)])) }
      : withNewcomers(settings, half, null);
  return { ...settings, sources: mutable(all) };
}

/** A node replicates from another, because the one that it had leaves. */
export interface Move {
  readonly replica: string;
  /** Whom it replicated from. */
  readonly from: string;
  /** The source of that one. */
  readonly to: string;
}

/** What becomes of those that stay. */
export interface Shrunk {
  readonly settings: ReplicationSettings;
  /** In the order in which they are made: who has to move twice ends where `settings` has it. */
  readonly moves: readonly Move[];
  /** Replicas that have nobody to replicate from. */
  readonly orphaned: readonly string[];
}

/**
 * How a cluster replicates when some nodes have left: what followed one of them follows its source, and where nodes have
 * many sources, one less.
 * @param returns they come back, so that too few may stay
 * @throws ConflictError when too few would stay for the shape.
 */
export function withoutNodes(settings: ReplicationSettings, leaving: readonly string[], returns = false): Shrunk {
  const { shape } = settings;
  const staying = Object.keys(settings.sources).filter((name) => !leaving.includes(name));
  if (!returns && staying.length < LEAST_NODES[shape]) {
    throw new ConflictError(
      `The shape ${shape} needs at least ${LEAST_NODES[shape]} nodes: ${count(staying)} would stay.`,
    );
  }
  const { sources, moves, orphaned } =
    shape === 'fan-in' || shape === 'all-masters' ? dropped(settings, leaving) : bridged(settings, leaving);
  const stays = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => staying.includes(name)));
  return {
    settings: {
      ...settings,
      sources: stays(sources),
      delays: stays(settings.delays),
      filters: stays(settings.filters),
      orphans: [...settings.orphans.filter((name) => staying.includes(name)), ...orphaned],
    },
    moves,
    orphaned,
  };
}

const count = (names: readonly string[]) => (names.length === 0 ? 'none' : String(names.length));

interface Reshaped {
  readonly sources: Record<string, string[]>;
  readonly moves: readonly Move[];
  readonly orphaned: readonly string[];
}

function dropped({ sources }: ReplicationSettings, leaving: readonly string[]): Reshaped {
  const left = Object.entries(sources).map(([name, own]) => [name, own.filter((from) => !leaving.includes(from))]);
  return { sources: Object.fromEntries(left) as Record<string, string[]>, moves: [], orphaned: [] };
}

/** One after another, those at the ends first: their replicas go to whom they had themselves. */
function bridged({ sources }: ReplicationSettings, leaving: readonly string[]): Reshaped {
  const now = new Map(Object.entries(sources));
  const moves: Move[] = [];
  const orphaned: string[] = [];
  for (const name of endsFirst(sources).flat()) {
    if (!leaving.includes(name)) continue;
    const [to] = now.get(name) ?? [];
    for (const [replica, [from]] of [...now].filter(([, own]) => own.includes(name))) {
      if (from === undefined) continue;
      // The last of a ring has nobody to follow.
      const isAlone = to === replica;
      now.set(replica, to === undefined || isAlone ? [] : [to]);
      if (leaving.includes(replica) || isAlone) continue;
      if (to === undefined) orphaned.push(replica);
      else moves.push({ replica, from, to });
    }
    now.delete(name);
  }
  return { sources: Object.fromEntries(now), moves, orphaned };
}
