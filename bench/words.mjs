import { parseArgs } from 'node:util';
import { UsageError } from './errors.mjs';
import { TOPOLOGIES } from './topologies.mjs';

/** The parts of a full run, in its order. */
const PARTS = /** @type {const} */ ([
  'create',
  'calls',
  'status',
  'reset',
  'standby',
  'shapes',
  'tls',
  'promote',
  'life',
  'proxy',
]);

export const USAGE = `npm run bench -- ${Object.keys(TOPOLOGIES).join('|')} [--nodes 4] [--runs 9] [--recipe-runs 3]
                   [--image mariadb:10.11] [--sizes 1,4,16,32] [--only ${PARTS.join('|')}] [--slowest 50] [--json]
`;

/**
 * What was asked.
 * @typedef {object} Words
 * @property {keyof typeof TOPOLOGIES} topology
 * @property {number} nodes
 * @property {number} runs
 * @property {number} recipeRuns the recipe is slow: it is part of so many of the rounds only
 * @property {string} image
 * @property {readonly number[]} sizes of the clusters whose status is asked
 * @property {readonly ('create' | 'calls' | 'status' | 'reset' | 'standby' | 'shapes' | 'tls' | 'promote' | 'life' | 'proxy' | 'slowest')[]} parts
 * @property {number} slowest how many warm creates to search for the slowest
 * @property {boolean} json
 */

/**
 * @param {readonly string[]} argv
 * @returns {Words | null} null when only the usage is asked for
 */
export function parseWords(argv) {
  const { values, positionals } = parse(argv);
  if (values.help) return null;
  const [topology = '', ...others] = positionals;
  if (!Object.hasOwn(TOPOLOGIES, topology) || others.length > 0) {
    throw new UsageError(`Bench what? One of ${Object.keys(TOPOLOGIES).join(', ')}.\n${USAGE}`);
  }
  const defaults = TOPOLOGIES[topology];
  if (values.only !== undefined && !PARTS.includes(values.only)) {
    throw new UsageError(`--only ${values.only}: one of ${PARTS.join(', ')}.`);
  }
  const runs = count('runs', values.runs);
  return {
    topology,
    nodes: count('nodes', values.nodes ?? defaults.nodes),
    runs,
    recipeRuns: Math.min(runs, count('recipe-runs', values['recipe-runs'])),
    image: values.image ?? defaults.image,
    sizes: (values.sizes ?? defaults.sizes).split(',').map((size) => count('sizes', size)),
    parts: partsOf(values),
    slowest: values.slowest === undefined ? 0 : count('slowest', values.slowest),
    json: values.json,
  };
}

function parse(argv) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        nodes: { type: 'string' },
        runs: { type: 'string', default: '9' },
        'recipe-runs': { type: 'string', default: '3' },
        image: { type: 'string' },
        sizes: { type: 'string' },
        only: { type: 'string' },
        slowest: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`${error.message}\n${USAGE}`);
  }
}

function partsOf({ only, slowest }) {
  if (only !== undefined && slowest !== undefined) throw new UsageError('Either --only or --slowest.');
  if (slowest !== undefined) return ['slowest'];
  return only === undefined ? PARTS : [only];
}

function count(name, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`--${name} ${text}: a whole number from 1 on.`);
  return number;
}
