import { closest, distance } from 'fastest-levenshtein';
import { firstGuesses } from './first-guesses.js';

/** Words of a call that begin with no command. */
export interface Unknown {
  /** Those that were taken for its name, e.g. `pxc:craete`. */
  readonly id: string;
  /** All after it. */
  readonly argv: readonly string[];
  /** The names of all commands, e.g. `pxc:create`. */
  readonly commands: readonly string[];
}

/** Words that are no command are used wrong, exit 2, with what was probably meant. */
export function commandNotFound({ id, argv, commands: ids }: Unknown): void {
  const words = id.split(':');
  const commands = ids.map((command) => command.replaceAll(':', ' '));
  const message = `dbns has no command '${words.join(' ')}'.`;
  // Before a command there may be flags: the rest is in argv then.
  const guesses = firstGuesses(id.startsWith('-') ? [id, ...argv] : words, commands);
  const suggestions = [...new Set([...(guesses.length > 0 ? guesses : nearest(words, commands)), 'dbns --help'])];
  if (argv.includes('--json') || id === '--json')
    process.stdout.write(`${JSON.stringify({ error: { code: 'DBNS_USAGE', message, suggestions } })}\n`);
  else process.stderr.write([`Error: ${message}`, ...suggestions.map((line) => `  → ${line}`), ''].join('\n'));
  process.exitCode = 2;
}

/** A command that is a slip of the finger away: of a short word that is one letter. */
function nearest(words: readonly string[], commands: readonly string[]): readonly string[] {
  const command = closest(words.join(' '), [...commands]);
  const [typed = '', meant = ''] = [words[0], command.split(' ')[0]];
  return distance(typed, meant) <= Math.ceil(typed.length / 3) ? [`Did you mean 'dbns ${command}'?`] : [];
}
