import type { Cluster } from '../../cluster/cluster.js';
import { splitBrain } from '../split-brain.js';
import { isReadOnly, settingsOf, type ReplicationSettings } from './settings.js';
import { MANY_SOURCES, MANY_WRITERS } from './shapes.js';
import type { NodeState } from './state.js';

/** Nodes that take writes and replicate from nobody, where one is to; in a fan-in all its sources are. */
export function splitIn(
  cluster: Pick<Cluster, 'nodes' | 'settings'>,
  answered: ReadonlyMap<string, NodeState>,
): ReadonlyMap<string, string> {
  const { shape, sources } = settingsOf(cluster);
  if (MANY_WRITERS.has(shape)) return new Map();
  // One that comes begins so.
  const coming = cluster.nodes
    .filter(({ phase }) => phase === 'adding' || phase === 'rebuilding')
    .map(({ name }) => name);
  const writers = [...answered].flatMap(([name, { channels, readOnly }]) =>
    channels.length === 0 && !readOnly && !coming.includes(name) ? [name] : [],
  );
  const isSource = (name: string) => MANY_SOURCES.has(shape) && (sources[name] ?? []).length === 0;
  return splitBrain(writers, (one, other) => isSource(one) && isSource(other));
}

/** Whoever has a source is a replica, and so is one that lost it and takes no writes. */
export function roleNow({ channels, readOnly }: NodeState, settings: ReplicationSettings, name: string) {
  if (MANY_WRITERS.has(settings.shape)) return 'primary';
  return channels.length > 0 || (readOnly && isReadOnly(settings, name)) ? 'replica' : 'primary';
}

/** What is amiss with a node's part in the cluster, whatever its threads say; null when nothing is. */
export function amissWith(
  { channels, readOnly, words }: NodeState,
  settings: ReplicationSettings,
  nameOf: (address: string) => string,
  name: string,
  isSettled: (name: string) => boolean = () => true,
): string | null {
  const { shape, sources } = settings;
  // What comes or goes is not missed.
  const expected = (sources[name] ?? []).filter(isSettled);
  const followed = channels.map(({ address }) => nameOf(address));
  if (MANY_SOURCES.has(shape)) {
    const lacking = expected.filter((source) => !followed.includes(source));
    if (lacking.length > 0) return `does not replicate from ${lacking.join(', ')}`;
  }
  if (MANY_WRITERS.has(shape)) return readOnly ? `takes no writes: ${words.readOnly} is ON` : null;
  if (channels.length > 0) return readOnly ? null : `is a replica that takes writes: ${words.readOnly} is OFF`;
  if (!readOnly) return null;
  return isReadOnly(settings, name) ? 'replicates from nobody' : `takes no writes: ${words.readOnly} is ON`;
}
