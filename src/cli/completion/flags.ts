import type { Command } from '@oclif/core/command';
import { nodeNames } from '../../cluster/cluster.js';
import { ROLES } from '../../lifecycle/reach/roles.js';
import type { ClusterNames, Names } from '../../lifecycle/completion.js';
import type { Candidate, Completion } from './candidates.js';

export type Flag = Command.Flag.Cached;

/** What is being completed, of a flag's value. */
interface Place {
  readonly command: Command.Loadable;
  /** The words after the command. */
  readonly rest: readonly string[];
  readonly current: string;
  readonly lookUp: () => Promise<Names>;
  /** What stands in the same word before the value. */
  readonly head: string;
}

/** The flag of that name or letter. */
export function flagNamed(command: Command.Loadable, name: string, type?: Flag['type']): Flag | undefined {
  const flag = Object.values(command.flags).find((candidate) => candidate.name === name || candidate.char === name);
  return type === undefined || flag?.type === type ? flag : undefined;
}

/** All flags that may still be given. */
export function flagCandidates(command: Command.Loadable, rest: readonly string[]): readonly Candidate[] {
  const given = new Set(
    rest.flatMap((word) => flagNamed(command, /^--?(?:no-)?([^=]+)/.exec(word)?.[1] ?? '')?.name ?? []),
  );
  const open = Object.values(command.flags).filter(({ name, hidden }) => hidden !== true && !given.has(name));
  const repeated = Object.values(command.flags).filter(
    (flag) => given.has(flag.name) && 'multiple' in flag && flag.multiple,
  );
  return [
    ...[...open, ...repeated].flatMap((flag) =>
      namesOf(flag).map((value) => ({ value, about: flag.summary ?? flag.description ?? '' })),
    ),
    { value: '--help', about: 'show the words that there are' },
  ];
}

function namesOf(flag: Flag): readonly string[] {
  const negated = flag.type === 'boolean' && flag.allowNo ? [`--no-${flag.name}`] : [];
  return [`--${flag.name}`, ...negated];
}

/** What a value is, by how the flag's help writes it. */
const KINDS: readonly (readonly [RegExp, (place: Place, names: Names) => readonly string[]])[] = [
  [/^\[NODE=\]REF$/, (place, { images }) => ['host', 'dir:', ...images].map((ref) => `${nodeBefore(place)}${ref}`)],
  [/^\[NODE=\]ADDRESS$/, (place, names) => comingNodes(place, names).map((node) => `${node}=`)],
  [/^REF$/, (_, { images }) => ['host', 'dir:', ...images]],
  [/^PORT$/, (place, names) => clusterIn(place, names)?.ports ?? []],
  [/^ROLE$/, (place, names) => clusterIn(place, names)?.roles ?? []],
  [/\|ROLE$/, (place, names) => [...new Set([...ROLES, ...(clusterIn(place, names)?.roles ?? [])])]],
  [/^GROUP$/, (place, names) => clusterIn(place, names)?.groups ?? []],
  [/^ZONE$/, (place, names) => clusterIn(place, names)?.zones ?? []],
  [/^\[NODE=\]ZONE$/, (place, names) => comingNodes(place, names).map((node) => `${node}=`)],
  [/^NODE=/, (place) => nodesOf(place).map((node) => `${node}=`)],
  [/^NODE$/, nodesOf],
];

/** What could be the flag's value. */
export async function valueCandidates(flag: Flag, place: Place): Promise<Completion> {
  if (flag.type !== 'option') return { candidates: [], files: false };
  const { helpValue } = flag;
  if (helpValue === 'FILE') return { candidates: [], files: true };
  const [, kind] = KINDS.find(([pattern]) => typeof helpValue === 'string' && pattern.test(helpValue)) ?? [];
  const values = flag.options ?? kind?.(place, await place.lookUp()) ?? [];
  return { candidates: values.map((value) => ({ value: `${place.head}${value}`, about: flag.name })), files: false };
}

/** `node3=` where a value begins so. */
function nodeBefore({ current, head }: Place): string {
  return /^node\d+=/.exec(current.slice(head.length))?.[0] ?? '';
}

/** The nodes of a cluster that is yet to be made: as many as the words say, or the usual three. */
function nodesOf(place: Place): readonly string[] {
  return nodeNames(countIn(place) ?? 3);
}

/** The cluster that is named, or the only one. */
function clusterIn({ rest }: Place, { clusters }: Names): ClusterNames | undefined {
  const [only, ...others] = clusters.keys();
  return clusters.get(rest.find((word) => clusters.has(word)) ?? (others.length === 0 ? (only ?? '') : ''));
}

function comingNodes(place: Place, names: Names): readonly string[] {
  const cluster = clusterIn(place, names);
  return cluster === undefined ? [] : nodeNames(countIn(place) ?? 1, cluster.nextIndex);
}

/** How many nodes the words say. */
function countIn({ command, rest }: Place): number | null {
  const at = rest.findIndex((word) => flagNamed(command, word.replace(/^--?|=.*/g, ''))?.name === 'nodes');
  const count = Number(rest[at]?.split('=')[1] ?? rest[at + 1]);
  return at >= 0 && count >= 1 && count <= 64 ? count : null;
}
