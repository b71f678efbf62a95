import type { ServerOption } from '../../cluster/cluster.js';
import { assertAllowed } from '../options.js';

/** Options that make a node what it is: dbns sets them itself. */
const OWNED: ReadonlySet<string> = new Set([
  'basedir',
  'bind_address',
  'datadir',
  'group_replication_bootstrap_group',
  'group_replication_communication_stack',
  'group_replication_enforce_update_everywhere_checks',
  'group_replication_group_name',
  'group_replication_group_seeds',
  'group_replication_local_address',
  'group_replication_single_primary_mode',
  'init_file',
  'log_error',
  'pid_file',
  'port',
  'server_id',
  'socket',
  'user',
  'wsrep_cluster_address',
  'wsrep_cluster_name',
  'wsrep_node_address',
  'wsrep_node_name',
  'wsrep_on',
  'wsrep_provider',
  'wsrep_sst_receive_address',
]);

/** The server reads `a-b` and `a_b` as the same option. */
export function optionName(key: string): string {
  return key.replaceAll('-', '_').toLowerCase();
}

/** @throws UsageError when an option can't stand in a my.cnf, or is one that dbns sets. */
export function assertOptions(options: readonly ServerOption[]): void {
  assertAllowed(options, {
    form: /^[a-z][a-z0-9_.-]*$/i,
    otherwise: "can't be an option of the server: write key=value.",
    isOwned,
  });
}

/** Also as `loose_…`, and shortened, as the server takes it as long as it is not ambiguous. */
function isOwned(key: string): boolean {
  const name = optionName(key).replace(/^loose_/, '');
  return name.length > 2 && [...OWNED].some((owned) => owned.startsWith(name));
}

/** Options of plugins that are loaded in a cluster, and not for the one start of a pristine directory. */
const OF_PLUGINS = ['rpl_semi_sync_', 'group_replication_', 'clone_'];

export function isOfPlugin({ key }: ServerOption): boolean {
  const name = optionName(key).replace(/^loose_/, '');
  return OF_PLUGINS.some((prefix) => name.startsWith(prefix));
}

/** One line of a my.cnf. A `#` would begin a comment, so such a value is quoted. */
export function optionLine({ key, value }: ServerOption): string {
  if (value === null) return key;
  const quoted = /[#;]/.test(value) && !/^["']/.test(value) ? `"${value}"` : value;
  return `${key} = ${quoted}`;
}

/** What the server writes when it does not know an option; the sentence names it. Null for any other end. */
export function unknownOption(log: string): string | null {
  return /unknown (?:variable|option) '(?:--)?([^'=]+)/.exec(log)?.[1] ?? null;
}
