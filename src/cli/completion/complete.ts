import type { Command } from '@oclif/core/command';
import type { Names } from '../../lifecycle/completion.js';
import type { Candidate, Completion } from './candidates.js';
import { flagCandidates, flagNamed, valueCandidates, type Flag } from './flags.js';

/** What the program knows of its own words. */
export interface Grammar {
  readonly commands: readonly Command.Loadable[];
  readonly topics: readonly { readonly name: string; readonly description?: string | undefined }[];
}

/** What stands for a positional word, by the name of the argument; with the command's id before it where that differs. */
const ARGUMENTS: Readonly<Record<string, (names: Names, before: readonly string[]) => readonly string[]>> = {
  cluster: ({ clusters }) => [...clusters.keys()],
  node: ({ clusters }, [cluster = '']) => clusters.get(cluster)?.nodes ?? [],
  names: ({ clusters }, [cluster]) =>
    cluster === undefined ? [...clusters.keys()] : (clusters.get(cluster)?.nodes ?? []),
  other: ({ clusters }, [cluster]) => [...clusters.keys()].filter((name) => name !== cluster),
  'detach name': ({ clusters }, [cluster = '']) => clusters.get(cluster)?.attached ?? [],
  standbys: ({ standbys }) => standbys,
  image: ({ images }) => images,
  'image:pull image': ({ catalogue }) => catalogue,
};

const NOTHING: Completion = { candidates: [], files: false };
const FILES: Completion = { candidates: [], files: true };

/** What the last of the words could become; it is what was typed of it so far, and may be empty. */
export async function complete(
  words: readonly string[],
  grammar: Grammar,
  lookUp: () => Promise<Names>,
): Promise<Completion> {
  const current = words.at(-1) ?? '';
  const before = words[0] === 'help' ? words.slice(1, -1) : words.slice(0, -1);
  const { candidates, files } = await possible(before, current, { grammar, lookUp });
  return { candidates: candidates.filter(({ value }) => value.startsWith(current)), files };
}

interface Sources {
  readonly grammar: Grammar;
  readonly lookUp: () => Promise<Names>;
}

async function possible(before: readonly string[], current: string, { grammar, lookUp }: Sources): Promise<Completion> {
  // What follows belongs to another program.
  if (before.includes('--')) return FILES;
  const { command, rest } = commandOf(before, grammar);
  if (command === undefined) return { candidates: nextWords(before, grammar), files: false };
  const { positional, awaiting } = readRest(command, rest);
  if (awaiting !== undefined) return valueCandidates(awaiting, { command, rest, current, lookUp, head: '' });
  const [, name] = /^--([^=]+)=/.exec(current) ?? [];
  const flag = name === undefined ? undefined : flagNamed(command, name);
  if (flag !== undefined) return valueCandidates(flag, { command, rest, current, lookUp, head: `--${flag.name}=` });
  if (current.startsWith('-')) return { candidates: flagCandidates(command, rest), files: false };
  return argument(command, positional, lookUp);
}

/** The command that the words begin with, and what follows it. */
function commandOf(words: readonly string[], { commands }: Grammar) {
  for (let length = words.length; length > 0; length--) {
    const id = words.slice(0, length).join(':');
    const command = commands.find((candidate) => candidate.id === id);
    if (command !== undefined) return { command, rest: words.slice(length) };
  }
  return { command: undefined, rest: words };
}

/** The words that may follow on the way to a command. Aliases are understood, and not offered. */
function nextWords(before: readonly string[], { commands, topics }: Grammar): readonly Candidate[] {
  const depth = before.length;
  const aliases = new Set(commands.flatMap((command) => command.aliases));
  const found = new Map<string, string>();
  for (const { id, hidden, summary, description } of commands.filter((command) => !aliases.has(command.id))) {
    const parts = id.split(':');
    const next = parts[depth];
    if (hidden || next === undefined || before.some((word, index) => word !== parts[index])) continue;
    const topic = topics.find(({ name }) => name === parts.slice(0, depth + 1).join(':'));
    found.set(next, (parts.length > depth + 1 ? topic?.description : (summary ?? description)) ?? '');
  }
  return [...found].map(([value, about]) => ({ value, about }));
}

/** Which of the words after a command are neither flags nor their values, and the flag whose value is yet to come. */
function readRest(command: Command.Loadable, rest: readonly string[]) {
  const positional: string[] = [];
  let awaiting: Flag | undefined;
  for (const word of rest) {
    const [, name, value] = /^--?([^=]+)(=.*)?$/.exec(word) ?? [];
    if (awaiting !== undefined) awaiting = undefined;
    else if (name === undefined) positional.push(word);
    else if (value === undefined) awaiting = flagNamed(command, name, 'option');
  }
  return { positional, awaiting };
}

async function argument(
  command: Command.Loadable,
  positional: readonly string[],
  lookUp: () => Promise<Names>,
): Promise<Completion> {
  const names = Object.keys(command.args);
  const last = names.at(-1);
  const isList = last !== undefined && command.args[last]?.multiple === true;
  const name = names[positional.length] ?? (isList ? last : undefined);
  // Words of no name are those of a program that runs elsewhere.
  if (name === undefined) return command.strict === false ? FILES : NOTHING;
  if (name === 'files') return FILES;
  const valuesOf = ARGUMENTS[`${command.id} ${name}`] ?? ARGUMENTS[name];
  const values = command.args[name]?.options ?? valuesOf?.(await lookUp(), positional) ?? [];
  return { candidates: values.map((value) => ({ value, about: name })), files: false };
}
