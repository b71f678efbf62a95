import * as v from 'valibot';
import { nextNames, type Cluster, type ClusterSpec, type Seat } from '../../cluster/cluster.js';
import { assertOptions } from '../../servers/mysqld/options.js';
import type { GrowthWords } from '../growth.js';
import { readTyped, readWords, wantedNames, wantedNewcomers } from '../members.js';
import type { Settled } from '../topology.js';

/** The flags of `group create`, as it hands them on. */
const SETTINGS = v.object({
  /** Every member takes writes. */
  multiPrimary: v.optional(v.boolean(), false),
  /** By what members talk: a protocol and port of its own, or the server's. */
  communicationStack: v.optional(v.picklist(['xcom', 'mysql']), 'xcom'),
});

export type GroupSettings = v.InferOutput<typeof SETTINGS>;

/** The settings of a cluster that was made here. */
export const settingsOf = ({ settings }: Pick<Cluster, 'settings'>): GroupSettings => v.parse(SETTINGS, settings);

/** @throws UsageError for what can be told from the words alone. */
export function settle(spec: ClusterSpec): Settled {
  assertOptions(spec.options ?? [], NEEDS);
  const names = wantedNames(spec, LIMITS);
  return {
    settings: readTyped(spec.settings ?? {}, SETTINGS),
    seats: seatsOf(names),
  };
}

/** @throws UsageError for words of an `add`: a group has none of its own, for its members are all alike. */
export function settleGrowth(cluster: Cluster, words: GrowthWords): Settled {
  readWords(words.settings, v.object({}), 'a group');
  const count = wantedNewcomers(words, cluster.nodes.length, { whole: 'a group', most: LIMITS.most });
  return { settings: cluster.settings, seats: seatsOf(nextNames(cluster, count)) };
}

/** Which of them is the primary the group decides anew all the time. */
function seatsOf(names: readonly string[]): readonly Seat[] {
  return names.map((name) => ({ name, role: 'member', group: null }));
}

/** Source: refman "Group Replication Requirements". */
export const NEEDS = {
  enforce_gtid_consistency: 'the transactions of a group are known by GTID',
  gtid_mode: 'the transactions of a group are known by GTID',
  log_bin: 'members that join read the binary log of the others',
  log_replica_updates: 'members that join read the binary log of the others',
  log_slave_updates: 'members that join read the binary log of the others',
  performance_schema: 'the state of a group is in it',
};

/** The group's own limit. Source: refman "Group Replication Limitations". */
const LIMITS = { default: 3, least: 1, most: 9 };

/** The group's name must be a UUID, and stands in all its GTIDs: `dbns` in ASCII, and the cluster's id. */
export function groupName({ id }: Pick<Cluster, 'id'>): string {
  return `64626e73-0000-4000-8000-0000${id}`;
}
