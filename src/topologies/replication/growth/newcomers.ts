import * as v from 'valibot';
import { nextNames, type Cluster, type Settings } from '../../../cluster/cluster.js';
import { UsageError } from '../../../errors/errors.js';
import type { GrowthWords } from '../../growth.js';
import { readTyped } from '../../members.js';
import type { Settled } from '../../topology.js';
import { withNewcomers } from './reshape.js';
import { MOST_NODES, assertFits, mutable, roleIn, settingsOf } from '../settings.js';

/** What can be said of newcomers: of all of them alike. */
const WORDS = v.strictObject({
  /** The node that they replicate from. */
  source: v.optional(v.string()),
  /** Seconds. */
  delay: v.optional(v.number()),
  filter: v.optional(v.array(v.string())),
});

/** Gives newcomers their place; `settings` are those of the cluster with them. */
export function settleNewcomers(cluster: Cluster, { nodes, settings: words }: GrowthWords): Settled {
  const { source, delay, filter } = readWords(words);
  const before = settingsOf(cluster);
  const names = nextNames(cluster, newNodes(cluster, nodes));
  const each = <T>(value: T | undefined) =>
    value === undefined ? {} : Object.fromEntries(names.map((name) => [name, value]));
  const settings = {
    ...before,
    sources: mutable(withNewcomers(before, names, source ?? null)),
    delays: { ...before.delays, ...each(delay) },
    filters: { ...before.filters, ...each(filter) },
  };
  assertFits(settings);
  return { settings, seats: names.map((name) => ({ name, role: roleIn(settings, name), group: null })) };
}

function readWords(words: Settings): v.InferOutput<typeof WORDS> {
  const unknown = Object.keys(words).filter((word) => !(word in WORDS.entries));
  if (unknown.length > 0) {
    throw new UsageError(
      `A node that replicates takes --source, --delay and --filter, not ${unknown.map((word) => `--${word}`).join(', ')}.`,
    );
  }
  return readTyped(words, WORDS);
}

function newNodes({ nodes }: Cluster, wanted: number | null): number {
  const count = wanted ?? 1;
  const most = MOST_NODES - nodes.length;
  if (Number.isInteger(count) && count >= 1 && count <= most) return count;
  throw new UsageError(
    most < 1
      ? `A replication cluster has ${MOST_NODES} nodes at most.`
      : `--nodes ${count}: 1 to ${most} can come, for a replication cluster has ${MOST_NODES} at most.`,
  );
}
