/**
 * What is measured of a topology.
 * @typedef {object} Topology
 * @property {number} nodes when none are asked for
 * @property {string} image when none is asked for
 * @property {string} sizes of the clusters whose status is asked, when none are asked for
 * @property {readonly string[]} rows of `create`, in their order
 * @property {RegExp | null} forming the options, without dashes, that make a cluster of servers: the bare limit has none of them
 * @property {string} config name of a server's configuration file
 * @property {'sql' | 'bson'} speaks what its servers are asked in
 * @property {boolean} promotes whether changes of primary are measured
 * @property {(image: string) => string} [illness] a statement after which a node must not be read from
 * @property {string} [showsIllness] a statement that answers a row as soon as the node itself knows; else it does at once
 * @property {'join by hand' | 'one server' | null} addsBeside what an `add` is held against; null where none is measured
 * @property {Readonly<Record<string, string>>} wanted ratio or difference → what the project wants of it
 */

const MYSQLD = /** @type {const} */ ({ config: 'my.cnf', speaks: 'sql' });

/** What holds of all. */
const COMMON = {
  'reset of 3 / warm of 3': 'at most 1.2',
  'standby take / warm beside take': 'at most 0.2',
  'TLS offered / without TLS': 'at most 1.05',
  'two zones - one bridge': 'at most 0.1 s',
  'routed - one bridge': 'at most 0.1 s',
  'by IPv6 too - one bridge': 'at most 0.1 s',
};

const CALLS = {
  '--version / node -e 0': 'at most 1.3',
  'list / node -e 0': 'at most 1.7',
  'create --dry-run / node -e 0': 'at most 2.2',
  'status / node -e 0': 'at most 3',
  'destroy / node -e 0': 'at most 5',
};

/** @satisfies {Record<string, Topology>} */
export const TOPOLOGIES = {
  pxc: {
    nodes: 4,
    image: 'mariadb:10.11',
    sizes: '1,4,16,32',
    rows: ['recipe', 'cold', 'warm', 'limit', 'galera limit'],
    forming: /^wsrep[_-]/,
    ...MYSQLD,
    promotes: false,
    illness: () => "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'",
    showsIllness: "SHOW STATUS WHERE Variable_name = 'wsrep_ready' AND Value = 'OFF'",
    addsBeside: 'join by hand',
    wanted: {
      'recipe / warm': 'at least 10',
      'warm / limit': 'at most 2',
      'add - join by hand': 'at most 0.6 s',
      ...COMMON,
      ...CALLS,
    },
  },
  replication: {
    nodes: 3,
    image: 'mysql:9.7',
    sizes: '1,3,16',
    rows: ['cold', 'warm', 'limit'],
    forming: null,
    ...MYSQLD,
    promotes: true,
    illness: (image) => (image.startsWith('mysql') ? 'STOP REPLICA SQL_THREAD' : 'STOP SLAVE SQL_THREAD'),
    addsBeside: 'one server',
    wanted: { 'warm - limit': 'at most 0.6 s', 'add - one server': 'at most 0.6 s', ...COMMON, ...CALLS },
  },
  group: {
    nodes: 3,
    image: 'mysql:9.7',
    sizes: '1,3,9',
    rows: ['cold', 'warm', 'limit'],
    forming: /^(plugin_load_add\s*=\s*)?group_replication/,
    ...MYSQLD,
    promotes: false,
    illness: () => 'STOP GROUP_REPLICATION',
    addsBeside: null,
    wanted: { 'warm - limit': 'at most 3 s', ...COMMON, ...CALLS },
  },
  mongo: {
    nodes: 3,
    image: 'mongodb:8.0',
    sizes: '1,3,9',
    rows: ['cold', 'warm', 'limit'],
    forming: /^(replication:|replSetName|oplogSizeMB)/,
    config: 'mongod.conf',
    speaks: 'bson',
    promotes: false,
    addsBeside: null,
    wanted: { 'warm - limit': 'at most 3 s', ...COMMON, ...CALLS },
  },
};

/** @typedef {{topology: keyof typeof TOPOLOGIES, nodes: number, image: string}} Of what a cluster is made of */
