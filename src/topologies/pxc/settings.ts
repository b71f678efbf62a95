import * as v from 'valibot';
import type { Cluster, ClusterSpec, Settings } from '../../cluster/cluster.js';
import { assertOptions } from '../../servers/mysqld/options.js';
import { readTyped, wantedNames } from '../members.js';
import type { Settled } from '../topology.js';
import { assertProviderOptions } from './provider-options.js';

/** How many nodes a cluster has at most. */
export const MOST_NODES = 64;

/** The flags of `pxc create`, as it hands them on; also what is saved. Clusters of an earlier dbns have none of them. */
const SETTINGS = v.object({
  /** How a joiner takes all data over; null is the first way of its server. */
  sst: v.optional(v.nullable(v.picklist(['rsync', 'mariabackup'])), null),
});

export type PxcSettings = v.InferOutput<typeof SETTINGS>;

export const readSettings = (settings: Settings): PxcSettings => v.parse(SETTINGS, settings);

/** The settings of a cluster that was made here. */
export const settingsOf = ({ settings }: Pick<Cluster, 'settings'>): PxcSettings => readSettings(settings);

/** @throws UsageError for what can be told from the words alone. */
export function settle(spec: ClusterSpec): Settled {
  assertOptions(spec.options ?? []);
  assertProviderOptions(spec.options ?? []);
  const names = wantedNames(spec, { default: 3, least: 1, most: MOST_NODES });
  const settings = readTyped(spec.settings ?? {}, SETTINGS);
  return { settings: { sst: settings.sst ?? usualMethod(spec) }, seats: seatsOf(names) };
}

/** Where nodes talk by TLS, what can do that; else the first way of the server. */
function usualMethod({ clusterTls = false }: ClusterSpec): PxcSettings['sst'] {
  return clusterTls ? 'mariabackup' : null;
}

/** All are alike. */
export function seatsOf(names: readonly string[]): Settled['seats'] {
  return names.map((name) => ({ name, role: 'member', group: null }));
}
