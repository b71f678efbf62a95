import type { Cluster, Made } from '../../cluster/cluster.js';
import { withoutNodes } from './growth/reshape.js';
import { mutable, readSettings, roleIn, settingsOf, type ReplicationSettings } from './settings.js';
import { PROMOTING, type Sources } from './shapes.js';

/**
 * Where a primary can be promoted, everybody replicates from whom `create` gave it; those that were added, or whose source was
 * removed, replicate as they do now, and from the first primary where they do from whoever took its place. In other shapes
 * nobody takes anybody's place, and what was added is part of the shape.
 */
export function anew(cluster: Cluster, made: Made): Cluster {
  const there = new Set(cluster.nodes.map(({ name }) => name));
  const before = settingsOf(cluster);
  const gone = Object.keys(before.sources).filter((name) => !there.has(name));
  const now = gone.length === 0 ? before : withoutNodes(before, gone).settings;
  const sources = PROMOTING.has(now.shape) ? rewound(now, readSettings(made.settings).sources) : now.sources;
  const settings = { ...now, sources: mutable(sources), orphans: [] };
  return {
    ...cluster,
    settings,
    nodes: cluster.nodes.map((node) => ({ ...node, role: roleIn(settings, node.name) })),
  };
}

function rewound(now: ReplicationSettings, made: Sources): Sources {
  const names = Object.keys(now.sources);
  const beginning = names.find((name) => made[name]?.length === 0);
  const present = names.find((name) => roleIn(now, name) === 'primary');
  const first = beginning ?? present ?? names.find((name) => suits(now, name)) ?? names[0] ?? '';
  const sourcesOf = (name: string): readonly string[] => {
    const own = made[name];
    if (name === first) return [];
    if (beginning !== undefined && own?.every((source) => names.includes(source)) === true) return own;
    const [source = first] = now.sources[name] ?? [];
    return [source === present ? first : source];
  };
  const sources = Object.fromEntries(names.map((name) => [name, sourcesOf(name)]));
  return Object.fromEntries(
    names.map((name) => [name, name === first || leadsTo(first, name, sources) ? (sources[name] ?? []) : [first]]),
  );
}

/** Whoever applies late, or a part alone, is no primary. */
function suits({ delays, filters }: ReplicationSettings, name: string): boolean {
  return delays[name] === undefined && filters[name] === undefined;
}

/** Two that took turns may come to replicate from each other. */
function leadsTo(first: string, name: string, sources: Sources, seen: readonly string[] = []): boolean {
  const [source] = sources[name] ?? [];
  if (source === undefined || seen.includes(source)) return false;
  return source === first || leadsTo(first, source, sources, [...seen, source]);
}
