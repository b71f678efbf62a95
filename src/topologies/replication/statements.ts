import type { Statement } from '../../servers/mysqld/statement.js';
import type { Words } from './words.js';

/** Where a replica begins to read: by GTID, after all that it has; or at a position of the source's binary log. */
export type From = 'gtid' | 'gtid of a former primary' | { readonly file: string; readonly position: number };

export interface SourceOf {
  readonly channel: string;
  readonly address: string;
  readonly user: string;
  readonly password: string;
  readonly delay: number;
  /** By TLS, because the source takes nobody without it; else plain, whatever the server's default is. */
  readonly tls: boolean;
  /** The file of the CA by which the source is verified, by TLS then; null verifies nobody. */
  readonly ca: string | null;
  readonly from: From;
}

/** Tells a replica its source. */
export function changeSource(
  words: Words,
  { channel, address, user, password, delay, tls, ca, from }: SourceOf,
): Statement {
  const { source } = words;
  const parts: (readonly [string, ...(string | number)[]])[] = [
    [`${source}_HOST = ?`, address],
    [`${source}_PORT = ?`, 3306],
    [`${source}_USER = ?`, user],
    [`${source}_PASSWORD = ?`, password],
    [`${source}_DELAY = ?`, delay],
    ...words.connection.map((text) => [text] as const),
    [`${source}_SSL = ${tls || ca !== null ? 1 : 0}`],
    // From 11.4 on a replica of MariaDB's would demand a certificate that it can verify.
    [`${source}_SSL_VERIFY_SERVER_CERT = ${ca === null ? 0 : 1}`],
    ...(ca === null ? [] : [[`${source}_SSL_CA = ?`, ca] as const]),
    ...where(words, from),
  ];
  const [head, tail] = named(words, channel);
  return {
    sql: `${words.change}${head} TO ${parts.map(([text]) => text).join(', ')}${tail}`,
    values: parts.flatMap(([, ...values]) => values),
  };
}

function where(words: Words, from: From): (readonly [string, ...(string | number)[]])[] {
  if (from === 'gtid') return [[words.byGtid]];
  if (from === 'gtid of a former primary')
    return [[words.byGtid], ...(words.demote === null ? [] : [[words.demote] as const])];
  const { source } = words;
  return [[words.byPosition], [`${source}_LOG_FILE = ?`, from.file], [`${source}_LOG_POS = ?`, from.position]];
}

export function startReplica(words: Words, channel: string): Statement {
  return onChannel(words, 'START', channel, '');
}

export function stopReplica(words: Words, channel: string): Statement {
  return onChannel(words, 'STOP', channel, '');
}

export function startReceiver(words: Words, channel: string): Statement {
  return onChannel(words, 'START', channel, RECEIVER);
}

export function stopReceiver(words: Words, channel: string): Statement {
  return onChannel(words, 'STOP', channel, RECEIVER);
}

export function stopApplier(words: Words, channel: string): Statement {
  return onChannel(words, 'STOP', channel, APPLIER);
}

/** The applier alone, up to a place in the source's binary log. */
export function startUntil(words: Words, channel: string, { file, position }: Exclude<From, string>): Statement {
  const { source } = words;
  const until = `${APPLIER} UNTIL ${source}_LOG_FILE = ?, ${source}_LOG_POS = ?`;
  return { ...onChannel(words, 'START', channel, until), values: [file, position] };
}

/** In the words of all servers. */
const RECEIVER = ' IO_THREAD';
const APPLIER = ' SQL_THREAD';

/** Forgets the channel with all that it knows. */
export function resetReplica(words: Words, channel: string): Statement {
  return onChannel(words, 'RESET', channel, ' ALL');
}

function onChannel(words: Words, verb: string, channel: string, rest: string): Statement {
  const [head, tail] = named(words, channel);
  return { sql: `${verb} ${words.replica}${head}${rest}${tail}`, values: [] };
}

/** A channel's name is ours (a node's) or empty. */
function named(words: Words, channel: string): readonly [head: string, tail: string] {
  return words.channel === 'name' ? [` '${channel}'`, ''] : ['', ` FOR CHANNEL '${channel}'`];
}
