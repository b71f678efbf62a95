import type { ServerOption } from '../../cluster/cluster.js';
import { assertAllowed } from '../options.js';

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
    isOwned: (key) => OWNED.has(key),
  });
}

/** As words of mongod's command line, which come before its configuration file. */
export function optionWords(options: readonly ServerOption[]): readonly string[] {
  return options.flatMap(({ key, value }) => [`--${key}`, ...(value === null ? [] : [value])]);
}
