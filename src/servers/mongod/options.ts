import type { ServerOption } from '../../cluster/cluster.js';
import { assertAllowed } from '../options.js';
import { cacheOf } from './memory.js';

/** Options that make a node what it is: dbns sets them itself. */
const OWNED: ReadonlySet<string> = new Set([
  'auth',
  'bind_ip',
  'bind_ip_all',
  'config',
  'configdb',
  'configsvr',
  'dbpath',
  'fork',
  'keyFile',
  'logpath',
  'noauth',
  'nounixsocket',
  'pidfilepath',
  'port',
  'replSet',
  'shardsvr',
  'syslog',
  'transitionToAuth',
  'unixSocketPrefix',
]);

/** @throws UsageError when an option can't stand on mongod's command line, or is one that dbns sets. */
export function assertOptions(options: readonly ServerOption[]): void {
  assertAllowed(options, {
    form: /^[a-z][a-z0-9_]*$/i,
    otherwise: "can't be an option of mongod: write it as on its command line, key=value.",
    refusal: ({ key, value }) =>
      OWNED.has(key)
        ? "is set by dbns itself and can't be given"
        : key === CACHE && !(Number(value) > 0)
          ? 'is a number of GB'
          : null,
  });
}

/**
 * As words of mongod's command line, which come before its configuration file. A configuration of the engine takes the
 * place of the one there, that holds the cache to the node's budget: so that goes first, and what the user says over it.
 */
export function optionWords(options: readonly ServerOption[], budget: number | null): readonly string[] {
  const ofEngine = options.filter(({ key }) => key === ENGINE);
  const given = options.find(({ key }) => key === CACHE)?.value ?? null;
  const others = options.filter(({ key }) => key !== ENGINE && key !== CACHE);
  const cache = given === null ? cacheOf(budget) / MIB : Math.round(Number(given) * 1024);
  const engine = [`cache_size=${cache}M`, ...ofEngine.map(({ value }) => value ?? '')].join(',');
  return [
    ...others.flatMap(({ key, value }) => [`--${key}`, ...(value === null ? [] : [value])]),
    ...(ofEngine.length > 0 || given !== null ? [`--${ENGINE}`, engine] : []),
  ];
}

const MIB = 1024 * 1024;
const ENGINE = 'wiredTigerEngineConfigString';
/** GB; the engine's own word takes less than its quarter, so it is said by that. */
const CACHE = 'wiredTigerCacheSizeGB';
