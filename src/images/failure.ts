import { MachineError, NotFoundError, type DbnsError } from '../errors/errors.js';

/** What a program may say when it fails, and what that means for what was attempted. */
export interface Cause<Attempt> {
  readonly pattern: RegExp;
  /** One sentence; `match` is the pattern's. */
  readonly sentence: (match: readonly string[], attempt: Attempt) => string;
  readonly suggestions: (attempt: Attempt) => readonly string[];
  /** What was asked for does not exist. */
  readonly notFound?: true;
}

/** What a program said: all of it, to find the cause in, and the lines for people. */
export interface Said {
  readonly program: string;
  readonly text: string;
  readonly lines: readonly string[];
}

/** The error by the first cause whose pattern is in what was said; the last cause matches whatever was. */
export function failureFrom<Attempt>(said: Said, causes: readonly Cause<Attempt>[], attempt: Attempt): DbnsError {
  for (const { pattern, sentence, suggestions, notFound } of causes) {
    const match = pattern.exec(said.text);
    if (match === null) continue;
    const message = withWords(sentence(match, attempt), said);
    const details = { suggestions: suggestions(attempt) };
    return notFound === true ? new NotFoundError(message, details) : new MachineError(message, details);
  }
  return new MachineError(withWords(`${said.program} failed.`, said));
}

/** A sentence, and the last of what a program said below it. */
function withWords(sentence: string, { program, lines }: Said): string {
  const last = lines.slice(-5).map((line) => (line.length > 300 ? `${line.slice(0, 300)}…` : line));
  const words = last.length === 0 ? `${program} said nothing.` : [`${program} said:`, ...last].join('\n  ');
  return `${sentence.replace(/\.\.$/, '.')}\n${words}`;
}

/** The cause that all of them share: what the disk of the images has no room for. */
export function noSpace<Attempt extends { readonly ref: string }>(): Cause<Attempt> {
  return {
    pattern: /No space left on device|don't have enough free space in (\S+?)\.$/im,
    sentence: (_, { ref }) => `There is not enough space on the disk for the image ${ref}.`,
    suggestions: () => ['df -h', 'dbns image prune', 'dbns image list'],
  };
}

/** The lines of a text that say anything. */
export function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
