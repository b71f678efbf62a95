import type { Hook } from '@oclif/core';
import { closest, distance } from 'fastest-levenshtein';

/** An unknown command is a word used wrong, exit 2, with the nearest one that there is. */
export const hook: Hook.CommandNotFound = function ({ id, config, argv = [] }) {
  const word = id.replaceAll(':', ' ');
  const nearest = closest(id, config.commandIDs).replaceAll(':', ' ');
  const message = `dbns has no command '${word}'.`;
  const near = distance(word.split(' ')[0] ?? '', nearest.split(' ')[0] ?? '') <= 3;
  const suggestions = [...(near ? [`Did you mean 'dbns ${nearest}'?`] : []), 'dbns --help'];
  if (argv.includes('--json'))
    process.stdout.write(`${JSON.stringify({ error: { code: 'DBNS_USAGE', message, suggestions } })}\n`);
  else process.stderr.write([`Error: ${message}`, ...suggestions.map((line) => `  → ${line}`), ''].join('\n'));
  process.exitCode = 2;
  return Promise.resolve();
};
