import { atLeast, type ServerBuild } from '../../cluster/server.js';
import { familyOf, type Family } from '../../servers/mysqld/dialects.js';

/** What replication is called in one family of servers from a version on, as data. */
export interface Words {
  readonly family: Family;
  readonly since: string;
  /** The node that is replicated from, in statements and in the names of options. */
  readonly source: 'SOURCE' | 'MASTER';
  readonly change: 'CHANGE REPLICATION SOURCE' | 'CHANGE MASTER';
  readonly replica: 'REPLICA' | 'SLAVE';
  /** A statement's words that name a channel, before or after the rest. */
  readonly channel: 'FOR CHANNEL' | 'name';
  /** All channels, a row each. */
  readonly showChannels: string;
  readonly showPosition: string;
  /** What `CHANGE …` says besides host, account and position. */
  readonly connection: readonly string[];
  /** What makes a replica go by GTID, and not. */
  readonly byGtid: string;
  readonly byPosition: string;
  /** What makes a server that was a primary go by its own GTIDs. */
  readonly demote: string | null;
  /** Expression: every GTID that the server has, applied or kept out by a filter. */
  readonly executed: string;
  /** Expression: every GTID that it passes on to those that replicate from it. */
  readonly passedOn: string;
  /** Expression: by what its GTIDs say that the server made them. */
  readonly maker: string;
  /** The variable that keeps all clients from writing. */
  readonly readOnly: 'super_read_only' | 'read_only';
  readonly semiSync: SemiSyncWords;
}

/** Names of the semi-synchronous plugins and of their options; a server that has them built in needs no plugin. */
export interface SemiSyncWords {
  readonly plugins: readonly string[];
  readonly source: string;
  readonly replica: string;
}

const MYSQL_8_0_23: Words = {
  family: 'mysql',
  since: '8.0.23',
  source: 'SOURCE',
  change: 'CHANGE REPLICATION SOURCE',
  replica: 'REPLICA',
  channel: 'FOR CHANNEL',
  showChannels: 'SHOW REPLICA STATUS',
  showPosition: 'SHOW MASTER STATUS',
  // The account's method, caching_sha2_password, takes the password over TLS or under the server's key.
  connection: ['GET_SOURCE_PUBLIC_KEY = 1'],
  byGtid: 'SOURCE_AUTO_POSITION = 1',
  byPosition: 'SOURCE_AUTO_POSITION = 0',
  demote: null,
  executed: '@@GLOBAL.gtid_executed',
  // What a filter keeps out is logged all the same, as an empty transaction.
  passedOn: '@@GLOBAL.gtid_executed',
  maker: '@@GLOBAL.server_uuid',
  readOnly: 'super_read_only',
  semiSync: {
    plugins: ['semisync_master.so', 'semisync_slave.so'],
    source: 'rpl_semi_sync_master',
    replica: 'rpl_semi_sync_slave',
  },
};
const MYSQL_8_0_26: Words = {
  ...MYSQL_8_0_23,
  since: '8.0.26',
  semiSync: {
    plugins: ['semisync_source.so', 'semisync_replica.so'],
    source: 'rpl_semi_sync_source',
    replica: 'rpl_semi_sync_replica',
  },
};
const MYSQL_8_2: Words = { ...MYSQL_8_0_26, since: '8.2', showPosition: 'SHOW BINARY LOG STATUS' };

const MARIADB_10_10: Words = {
  family: 'mariadb',
  since: '10.10',
  source: 'MASTER',
  change: 'CHANGE MASTER',
  replica: 'SLAVE',
  channel: 'name',
  showChannels: 'SHOW ALL SLAVES STATUS',
  showPosition: 'SHOW MASTER STATUS',
  connection: [],
  byGtid: 'MASTER_USE_GTID = slave_pos',
  byPosition: 'MASTER_USE_GTID = no',
  demote: 'MASTER_DEMOTE_TO_SLAVE = 1',
  // What a filter keeps out is in the position alone: it never comes into the binary log, nor to who reads that.
  executed: "CONCAT_WS(',', @@GLOBAL.gtid_binlog_state, @@GLOBAL.gtid_slave_pos)",
  passedOn: '@@GLOBAL.gtid_binlog_state',
  maker: '@@GLOBAL.server_id',
  readOnly: 'read_only',
  semiSync: { plugins: [], source: 'rpl_semi_sync_master', replica: 'rpl_semi_sync_slave' },
};

/**
 * The newest first. Sources: dev.mysql.com/doc/refman "CHANGE REPLICATION SOURCE TO", "Semisynchronous replication";
 * mariadb.com/kb "CHANGE MASTER TO" (MASTER_DEMOTE_TO_SLAVE since 10.10).
 */
const WORDS: readonly Words[] = [MYSQL_8_2, MYSQL_8_0_26, MYSQL_8_0_23, MARIADB_10_10];

/** The words of a server; null for one that is too old. */
export function wordsOf(build: Pick<ServerBuild, 'dialect' | 'version'>): Words | null {
  const family = familyOf(build);
  return WORDS.find((words) => words.family === family && atLeast(build.version, words.since)) ?? null;
}

/** The oldest version of a family that has words here. */
export function oldestOf(family: Family): string {
  return WORDS.findLast((words) => words.family === family)?.since ?? '';
}
