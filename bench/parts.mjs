import { measureAdd } from './add.mjs';
import { attempt } from './attempt.mjs';
import { callsOf } from './calls.mjs';
import { measureCold, measureWarm, warmUp } from './create.mjs';
import { measureLife } from './life.mjs';
import { measureGaleraLimit, measureLimit } from './limit.mjs';
import { measurePromote } from './promote.mjs';
import { measureProxy } from './proxy.mjs';
import { measureRecipe } from './recipe.mjs';
import { measureReset } from './reset.mjs';
import { inTurn } from './rounds.mjs';
import { say } from './say.mjs';
import { measureTake } from './standby.mjs';
import { measureStatus } from './status.mjs';
import { TOPOLOGIES } from './topologies.mjs';

/** A reset is held against a create of as many. */
const RESET_NODES = 3;

/** Name of a row → its samples, raw. @typedef {Record<string, {ms: number}[]>} Samples */

/** Each part of the bench: measures, and answers with its samples. @satisfies {Record<string, (words: import('./words.mjs').Words, failures: import('./attempt.mjs').Failure[]) => Promise<Samples>>} */
export const PARTS = {
  async create(words, failures) {
    await warmUp(words);
    const { runs } = words;
    const contenders = [
      { name: 'recipe', measure: () => measureRecipe(words), runs: words.recipeRuns },
      { name: 'cold', measure: () => measureCold(words), runs },
      { name: 'warm', measure: () => measureWarm(words), runs },
      { name: 'limit', measure: () => measureLimit(words), runs },
      { name: 'galera limit', measure: () => measureGaleraLimit(words), runs },
    ];
    const { rows } = TOPOLOGIES[words.topology];
    return inTurn(
      contenders.filter(({ name }) => rows.includes(name)),
      failures,
    );
  },

  async status({ sizes, ...words }, failures) {
    /** @type {Samples} */
    const samples = {};
    for (const nodes of sizes) {
      const name = `status of ${nodes}`;
      say(name);
      samples[name] = (await attempt(name, failures, () => measureStatus({ ...words, nodes }))) ?? [];
    }
    return samples;
  },

  async reset({ runs, ...words }, failures) {
    const of = { ...words, nodes: RESET_NODES };
    await warmUp(of);
    return inTurn(
      [
        { name: `warm of ${RESET_NODES}`, measure: () => measureWarm(of), runs },
        { name: `reset of ${RESET_NODES}`, measure: () => measureReset(of), runs },
      ],
      failures,
    );
  },

  async standby({ runs, ...words }, failures) {
    await warmUp(words);
    return inTurn(
      [
        { name: 'warm beside take', measure: () => measureWarm(words), runs },
        { name: 'standby take', measure: () => measureTake(words), runs },
      ],
      failures,
    );
  },

  async shapes({ runs, ...words }, failures) {
    await warmUp(words);
    const shape = (name, ...more) => ({ name, measure: () => measureWarm(words, more), runs });
    return inTurn(
      [
        shape('one bridge'),
        shape('two zones', '--zones', '2'),
        shape('routed', '--layout', 'routed'),
        shape('by IPv6 too', '--ipv6'),
      ],
      failures,
    );
  },

  async tls({ runs, ...words }, failures) {
    if (TOPOLOGIES[words.topology].speaks !== 'sql') return {};
    await warmUp(words);
    const of = (name, ...more) => ({ name, measure: () => measureWarm(words, more), runs });
    return inTurn([of('without TLS', '--tls', 'none'), of('TLS offered', '--tls', 'offered')], failures);
  },

  async promote(words, failures) {
    if (!TOPOLOGIES[words.topology].promotes) return {};
    say('promote');
    return (await attempt('promote', failures, () => measurePromote(words))) ?? {};
  },

  async life(words, failures) {
    say('stop and start');
    const life = await attempt('life', failures, () => measureLife(words));
    if (TOPOLOGIES[words.topology].addsBeside === null) return life ?? {};
    say('add');
    return { ...life, ...(await attempt('add', failures, () => measureAdd(words))) };
  },

  async proxy(words, failures) {
    if (TOPOLOGIES[words.topology].speaks !== 'sql') return {};
    say('proxy');
    return (await attempt('proxy', failures, () => measureProxy(words))) ?? {};
  },

  async calls(words, failures) {
    await warmUp(words);
    return inTurn(callsOf(words), failures);
  },

  async slowest(words, failures) {
    await warmUp(words);
    return inTurn([{ name: 'warm', measure: () => measureWarm(words), runs: words.slowest }], failures);
  },
};
