import { loadavg } from 'node:os';
import { attempt } from './attempt.mjs';
import { say } from './say.mjs';

/**
 * Something that is measured.
 * @typedef {{name: string, measure: () => Promise<{ms: number}>, runs: number}} Contender
 */

/**
 * Measures all in turn, A B C A B C …, so that a noisy minute hits all alike. One with fewer runs than there are
 * rounds takes part in some of them, evenly spread. Each sample has the machine's load (of the last minute) before it.
 * @param {readonly Contender[]} contenders
 * @param {import('./attempt.mjs').Failure[]} failures is added to
 * @returns {Promise<Record<string, {ms: number, load: number}[]>>}
 */
export async function inTurn(contenders, failures) {
  const rounds = Math.max(...contenders.map(({ runs }) => runs));
  const samples = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, measure } of contenders.filter(({ runs }) => takesPart(round, runs, rounds))) {
      const load = loadavg()[0];
      const sample = await attempt(name, failures, measure);
      if (sample === null) continue;
      samples[name].push({ ...sample, load });
      say(`${name} ${samples[name].length}: ${(sample.ms / 1000).toFixed(3)} s`);
    }
  }
  return samples;
}

/** In `runs` of the rounds, the first among them. */
function takesPart(round, runs, rounds) {
  return Math.ceil((round * runs) / rounds) < Math.ceil(((round + 1) * runs) / rounds);
}
