import * as Flags from '@oclif/core/flags';
import type { StandbyView } from '../lifecycle/standbys.js';
import type { createFlags } from './create-flags.js';
import { formatSize } from './format.js';
import { table } from './table.js';

/** Words that are of one cluster alone: understood, so that it can be said why they are none of a standby's. */
const OF_ONE = new Set([
  ...['subnet', 'ip', 'bridge-to', 'gateway', 'force', 'password-file', 'init', 'sample', 'lease'],
  ...['dry-run', 'keep-on-failure'],
]);

/** The flags of a `create`, those of one cluster alone not offered; and how many are wanted. */
export function standbyFlags<F extends typeof createFlags>(flags: F) {
  const offered = Object.entries(flags).map(([name, flag]) => [name, { ...flag, hidden: OF_ONE.has(name) }]);
  return {
    // Each is what it was.
    ...(Object.fromEntries(offered) as F),
    ready: Flags.integer({ summary: 'how many are to be ready, 1 to 16', default: 1 }),
  };
}

/** Of the call that makes them, and not of what is made. */
const OF_THE_CALL = new Set(['ready', 'yes', 'timeout', 'json', 'keep-on-failure']);

/** The words of the `create` that takes one: those of the call, also where a variable said them. */
export function wordsOf(
  topology: string,
  flags: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, { readonly default?: unknown }>>,
): string {
  const said = Object.entries(flags).filter(
    ([name, value]) => !OF_THE_CALL.has(name) && value !== undefined && value !== (defaults[name]?.default ?? false),
  );
  return [topology, 'create', ...said.flatMap(([name, value]) => wordsOfFlag(name, value))].join(' ');
}

function wordsOfFlag(name: string, value: unknown): readonly string[] {
  if (value === true) return [`--${name}`];
  if (value === false) return [`--no-${name}`];
  return [value].flat().map((one) => `--${name} ${quoted(String(one))}`);
}

/** As a shell reads it. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const HEAD = ['id', 'create', 'ready', 'state', 'memory', 'clusters'];

/** All standbys in a table; why some are not ready stands below. */
export function standbyText(standbys: readonly StandbyView[]): string {
  const reasons = standbys.flatMap(({ id, reason }) => (reason === null ? [] : [`${id}: ${reason}`]));
  return [table(HEAD, standbys.map(rowOf)), ...reasons].join('\n');
}

function rowOf({ id, words, wanted, state, memoryBytes, clusters }: StandbyView): readonly string[] {
  const ready = clusters.filter((cluster) => cluster.state === 'ready').length;
  const names = clusters.map((cluster) =>
    cluster.state === 'ready' ? cluster.name : `${cluster.name} (${cluster.state})`,
  );
  return [id, words, `${ready} of ${wanted}`, state, formatSize(memoryBytes), names.join(', ') || '-'];
}
