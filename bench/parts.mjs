import { measureCold, measureWarm, warmUp } from './create.mjs';
import { measureDestroy } from './destroy.mjs';
import { measureGaleraLimit, measureLimit } from './limit.mjs';
import { measureRecipe } from './recipe.mjs';
import { inTurn } from './rounds.mjs';
import { say } from './say.mjs';
import { measureStatus } from './status.mjs';
import { measureNode, measureVersion } from './version.mjs';

/** Name of a row → its samples, raw. @typedef {Record<string, {ms: number}[]>} Samples */

/** Each part of the bench: measures, and answers with its samples. @satisfies {Record<string, (words: import('./words.mjs').Words) => Promise<Samples>>} */
export const PARTS = {
  async create(words) {
    await warmUp(words);
    const { runs } = words;
    return inTurn([
      { name: 'recipe', measure: () => measureRecipe(words), runs: words.recipeRuns },
      { name: 'cold', measure: () => measureCold(words), runs },
      { name: 'warm', measure: () => measureWarm(words), runs },
      { name: 'limit', measure: () => measureLimit(words), runs },
      { name: 'galera limit', measure: () => measureGaleraLimit(words), runs },
    ]);
  },

  async status({ sizes, image, runs }) {
    /** @type {Samples} */
    const samples = {};
    for (const nodes of sizes) {
      say(`status of ${nodes}`);
      samples[`status of ${nodes}`] = await measureStatus({ nodes, image, runs });
    }
    return samples;
  },

  async destroy(words) {
    await warmUp(words);
    return inTurn([{ name: `destroy of ${words.nodes}`, measure: () => measureDestroy(words), runs: words.runs }]);
  },

  async version({ runs }) {
    return inTurn([
      { name: '--version', measure: measureVersion, runs },
      { name: 'node -e 0', measure: measureNode, runs },
    ]);
  },

  async slowest(words) {
    await warmUp(words);
    return inTurn([{ name: 'warm', measure: () => measureWarm(words), runs: words.slowest }]);
  },
};
