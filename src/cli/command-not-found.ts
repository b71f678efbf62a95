import type { Hook } from '@oclif/core';
import { closest, distance } from 'fastest-levenshtein';
import { firstGuesses } from './first-guesses.js';

/** Words that are no command are used wrong, exit 2, with what was probably meant. */
export const hook: Hook.CommandNotFound = function ({ id, config, argv = [] }) {
  const words = id.split(':');
  const commands = config.commandIDs.map((command) => command.replaceAll(':', ' '));
  const message = `dbns has no command '${words.join(' ')}'.`;
  // Before a command there may be flags: the rest is in argv then.
  const guesses = firstGuesses(id.startsWith('-') ? [id, ...argv] : words, commands);
  const suggestions = [...new Set([...(guesses.length > 0 ? guesses : nearest(words, commands)), 'dbns --help'])];
  if (argv.includes('--json') || id === '--json')
    process.stdout.write(`${JSON.stringify({ error: { code: 'DBNS_USAGE', message, suggestions } })}\n`);
  else process.stderr.write([`Error: ${message}`, ...suggestions.map((line) => `  → ${line}`), ''].join('\n'));
  process.exitCode = 2;
  return Promise.resolve();
};

/** A command that is a slip of the finger away: of a short word that is one letter. */
function nearest(words: readonly string[], commands: readonly string[]): readonly string[] {
  const command = closest(words.join(' '), [...commands]);
  const [typed = '', meant = ''] = [words[0], command.split(' ')[0]];
  return distance(typed, meant) <= Math.ceil(typed.length / 3) ? [`Did you mean 'dbns ${command}'?`] : [];
}
