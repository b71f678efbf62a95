import { UsageError } from '../../errors/errors.js';
import type { ServerOption } from '../../cluster/cluster.js';
import { assertAllowed } from '../options.js';
import { isOn, normalised, readName } from './option-name.js';

const BY_DBNS = "is set by dbns itself and can't be given";
const NO_SERVER = "can't be given: with it the server would not run as one";

/** Options that can't be given: those that make a node what it is, and those with which it is no server. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ...[
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
  ].map((name) => [name, BY_DBNS] as const),
  ...['bootstrap', 'chroot', 'daemonize', 'help', 'initialize', 'initialize_insecure', 'validate_config'].map(
    (name) => [name, NO_SERVER] as const,
  ),
]);

/** Options that are looked at by name somewhere, so that they must be known when they are shortened. */
const LOOKED_AT = [
  'innodb_data_file_path',
  'innodb_page_size',
  'lower_case_table_names',
  'default_time_zone',
  'require_secure_transport',
  'ssl',
  'ssl_ca',
  'ssl_cert',
  'ssl_crl',
  'ssl_key',
  'wsrep_provider_options',
  'wsrep_sst_method',
];

/** What else is a node's own, or says where it stands: no option of anybody's. */
const STATE = [
  ...[
    'report_host',
    'report_port',
    'tmpdir',
    'hostname',
    'server_uuid',
    'gtid_purged',
    'gtid_executed',
    'gtid_domain_id',
  ],
  ...[
    'gtid_slave_pos',
    'gtid_binlog_pos',
    'gtid_binlog_state',
    'gtid_current_pos',
    'gtid_pos_auto_engines',
    'ssl_cert',
  ],
  ...[
    'ssl_key',
    'auto_increment_offset',
    'wsrep_start_position',
    'plugin_dir',
    'character_sets_dir',
    'lc_messages_dir',
  ],
];
const OWN: ReadonlySet<string> = new Set([...REFUSED.keys(), ...STATE]);

/** Whether a variable makes a node what it is, its place and its number, or is the state of it. */
export function isOwn(name: string): boolean {
  return OWN.has(name);
}

const OWN_FILE = 'is a file that servers are started with';

/** What counts when data directories are made, and what others were told when they were: option → why. */
const NOT_LATER: Readonly<Record<string, string>> = {
  innodb_data_file_path: 'counts only when a data directory is made',
  innodb_page_size: 'counts only when a data directory is made',
  lower_case_table_names: 'counts only when a data directory is made',
  require_secure_transport: 'is what replicas and members were told when they were made',
  ssl_ca: OWN_FILE,
  ssl_cert: OWN_FILE,
  ssl_crl: OWN_FILE,
  ssl_key: OWN_FILE,
  wsrep_sst_method: 'is what donors and joiners have alike since they were made',
};

/** @throws UsageError for what can't be given to servers that live. */
export function assertLater(options: readonly ServerOption[]): void {
  for (const { key } of options) {
    const why = NOT_LATER[optionName(key)];
    if (why !== undefined) throw new UsageError(`'${key}' ${why}: give it to create, with -c.`);
  }
}

/** What a kind of cluster can't be without: option → why. */
export type Needs = Readonly<Record<string, string>>;

const OF_ALL: Needs = {
  grant_tables: 'without accounts everybody may do everything, and dbns makes its own',
  networking: 'nodes and clients talk over the network',
};

/** The server's own name of an option. */
export function optionName(key: string): string {
  return readName(key, [...REFUSED.keys(), ...LOOKED_AT]).name;
}

/** @throws UsageError when an option can't stand in a my.cnf, is one that dbns sets, or takes what the cluster needs. */
export function assertOptions(options: readonly ServerOption[], needs: Needs = {}): void {
  assertAllowed(options, {
    form: /^[a-z][a-z0-9_.-]*$/i,
    otherwise: "can't be an option of the server: write key=value.",
    refusal: (option) => refusal(option, { ...OF_ALL, ...needs }),
  });
}

function refusal({ key, value }: ServerOption, needs: Needs): string | null {
  const refused = REFUSED.get(optionName(key));
  if (refused !== undefined) return refused;
  const { name, isNegated } = readName(key, Object.keys(needs));
  const why = needs[name];
  // `skip_x` and `skip_x=1` take it; `skip_x=0` and `x` do not. What has a file's name for a value is on by any.
  const taken = isNegated ? isOn(value) : name !== 'log_bin' && !isOn(value);
  return why === undefined || !taken ? null : `can't be given to such a cluster: ${why}`;
}

/** The last value that was given to an option: null when it was not given, `''` for a key alone, `OFF` after `skip_`. */
export function valueOf(options: readonly ServerOption[], name: string): string | null {
  const last = options.findLast(({ key }) => optionName(key) === name);
  if (last === undefined) return null;
  const { isNegated } = readName(last.key, []);
  return isNegated ? (isOn(last.value) ? 'OFF' : 'ON') : unquoted(last.value ?? '');
}

export function unquoted(value: string): string {
  return value.replace(/^(["'])(.*)\1$/, '$2');
}

/** Options of plugins that are loaded in a cluster, and not for the one start of a pristine directory. */
const OF_PLUGINS = ['rpl_semi_sync_', 'group_replication_', 'clone_'];

/** Options that mean something to a running cluster alone; a pristine directory has no time zones yet, and no network. */
const OF_CLUSTERS = ['default_time_zone', 'require_secure_transport', 'ssl_ca', 'ssl_cert', 'ssl_crl', 'ssl_key'];

/**
 * Those of the options that a pristine directory is made with: it has not the cluster's plugins. Of the user's plugins
 * MariaDB may need one there (for the keys of encryption); MySQL has none while it initialises.
 */
export function pristineOptions(options: readonly ServerOption[]): readonly ServerOption[] {
  const loaded = pluginsOf(options);
  return options
    .map((option) => ({ option, name: optionName(option.key) }))
    .filter(({ name }) => !OF_CLUSTERS.includes(name) && !OF_PLUGINS.some((prefix) => name.startsWith(prefix)))
    .map(({ option, name }) => {
      const isOfPlugin = loaded.some((plugin) => name.startsWith(plugin));
      return isOfPlugin ? { ...option, key: `loose_${name}` } : option;
    });
}

/** `validate_password.so`, `a=b.so;c`: names of plugins and of their libraries, with which their options begin. */
function pluginsOf(options: readonly ServerOption[]): readonly string[] {
  return options
    .filter(({ key }) => /^plugin_load(_add)?$/.test(optionName(key)))
    .flatMap(({ value }) => unquoted(value ?? '').split(/[;=]/))
    .map((word) => normalised(word.trim().replace(/\.so$/, '')))
    .filter((word) => word !== '');
}

/** The lines of a my.cnf, after its section `[mysqld]`. */
export function optionLines(options: readonly ServerOption[]): readonly string[] {
  return options.flatMap((option, position) => {
    const { section = 'mysqld' } = option;
    const { section: before = 'mysqld' } = options[position - 1] ?? {};
    return [...(section === before ? [] : [`[${section}]`]), optionLine(option)];
  });
}

/**
 * One line of a my.cnf. A `#` would begin a comment, so such a value is quoted. Of `plugin_load` the server takes the last
 * alone, which would take dbns's own plugins away.
 */
export function optionLine({ key, value }: ServerOption): string {
  const written = /^(loose_)?plugin_load$/.test(normalised(key)) ? `${normalised(key)}_add` : key;
  if (value === null) return written;
  const quoted = /[#;]/.test(value) && !/^["']/.test(value) ? `"${value}"` : value;
  return `${written} = ${quoted}`;
}
