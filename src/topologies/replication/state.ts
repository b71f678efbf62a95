import type { Row, Session } from '../../servers/mysqld/client.js';
import { variables } from '../../servers/mysqld/client.js';
import { GTIDS } from '../../servers/mysqld/gtid.js';
import type { Words } from './words.js';

/** What a server says of its part in replication. */
export interface NodeState {
  readonly words: Words;
  /** Every GTID that it has, applied or kept out by a filter: what it lacks is told by this. */
  readonly executed: string;
  /**
   * Every GTID that its replicas can get from it. Behind a filter that is less than it has in MariaDB, so what a
   * replica should have is told by this of its source.
   */
  readonly passedOn: string;
  /** As what its own GTIDs name it. */
  readonly maker: string;
  readonly readOnly: boolean;
  readonly channels: readonly ChannelState[];
  /** `source: ON, 2 replicas`; null where it is not asked for. */
  readonly semiSync: string | null;
}

/** A place in a binary log. */
export interface LogPosition {
  readonly file: string;
  readonly position: number;
}

/** One channel of a replica. */
export interface ChannelState {
  readonly channel: string;
  /** The source's. */
  readonly address: string;
  /** IO and SQL thread: `Yes`, `No` or, of a receiver, `Connecting` and the like. */
  readonly receiver: string;
  readonly applier: string;
  /** `1062 Could not execute …`; null when all is well. */
  readonly error: string | null;
  /** How long ago what is applied now was committed on its source; null when that can't be told. */
  readonly secondsBehind: number | null;
  /** Seconds. */
  readonly delay: number;
  /** GTIDs received, applied or not. */
  readonly received: string;
  /** In the source's binary log. */
  readonly readTo: LogPosition;
  readonly appliedTo: LogPosition;
}

/** Asks a server for its state. */
export async function askState(session: Session, words: Words): Promise<NodeState> {
  const [said] = await session.query(
    `SELECT ${words.executed} AS executed, ${words.passedOn} AS passedOn, ${words.maker} AS maker, @@GLOBAL.${words.readOnly} AS readOnly`,
  );
  const workers = words.family === 'mysql' ? await session.query(WORKERS_BY_CHANNEL) : [];
  const rows = await session.query(words.showChannels);
  const semiSync = variables(await session.query("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_%'"));
  return {
    words,
    executed: gtidsOf(said?.executed),
    passedOn: gtidsOf(said?.passedOn),
    maker: textOf(said?.maker),
    readOnly: Number(said?.readOnly) === 1,
    channels: rows.map((row) => readChannel(row, workers)),
    semiSync: readSemiSync(words, semiSync),
  };
}

/**
 * How late what is applied now is, by the source's own clock, which here is the replica's too; and what made a worker
 * stop, of which the coordinator tells the number alone. Source: refman "replication_applier_status_by_worker".
 */
const WORKERS_BY_CHANNEL = `SELECT CHANNEL_NAME AS channel,
  MAX(IF(APPLYING_TRANSACTION = '', NULL, TIMESTAMPDIFF(MICROSECOND, APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP, NOW(6)))) / 1e6 AS seconds,
  MAX(LAST_ERROR_MESSAGE) AS error
  FROM performance_schema.replication_applier_status_by_worker GROUP BY CHANNEL_NAME`;

/** Reads a row in the old words or the new. */
export function readChannel(row: Row, workers: readonly Row[] = []): ChannelState {
  const said = inNewWords(row);
  const number = (name: string) => Number(said[name] ?? 0);
  const channel = textOf(said.Channel_Name ?? said.Connection_name);
  const worker = workers.find((candidate) => textOf(candidate.channel) === channel);
  const lag = worker?.seconds ?? said.Seconds_Behind_Source;
  return {
    channel,
    address: textOf(said.Source_Host),
    receiver: textOf(said.Replica_IO_Running),
    applier: textOf(said.Replica_SQL_Running),
    error: errorIn(said, 'Last_SQL', textOf(worker?.error)) ?? errorIn(said, 'Last_IO'),
    secondsBehind: lag === null || lag === undefined ? null : Math.max(0, Math.round(Number(lag) * 10) / 10),
    delay: number('SQL_Delay'),
    received: gtidsOf(said.Retrieved_Gtid_Set ?? said.Gtid_IO_Pos),
    readTo: { file: textOf(said.Source_Log_File), position: number('Read_Source_Log_Pos') },
    appliedTo: { file: textOf(said.Relay_Source_Log_File), position: number('Exec_Source_Log_Pos') },
  };
}

function inNewWords(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name.replaceAll('Master', 'Source').replaceAll('Slave', 'Replica'),
      value,
    ]),
  );
}

function errorIn(said: Row, which: 'Last_SQL' | 'Last_IO', better = ''): string | null {
  const number = Number(said[`${which}_Errno`] ?? 0);
  return number === 0 ? null : `${number} ${better || textOf(said[`${which}_Error`])}`;
}

function readSemiSync({ semiSync }: Words, said: Readonly<Record<string, string>>): string | null {
  const source = said[`${semiSync.source}_status`];
  const replica = said[`${semiSync.replica}_status`];
  if (source === 'ON') return `source, ${said[`${semiSync.source}_clients`] ?? '0'} replicas`;
  if (replica === 'ON') return 'replica';
  return source === undefined ? null : 'off';
}

/** Why a channel does not go on by itself; null when it does. */
export function stoppedIn({ receiver, applier, error }: ChannelState): string | null {
  const thread = applier === 'No' ? 'applier' : receiver === 'No' ? 'receiver' : null;
  if (thread === null) return null;
  return error ?? `its ${thread} is stopped`;
}

/** How many replicas acknowledge what a node commits; -1 of one that waits for none. */
export function acknowledging(semiSync: string | null): number {
  return Number(/^source, (\d+)/.exec(semiSync ?? '')?.[1] ?? -1);
}

export function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

/** A set of GTIDs; the servers break long ones into lines. */
export function gtidsOf(value: unknown): string {
  return textOf(value).replace(/\s/g, '');
}

/** Where a source stands, for those that replicate from it: by GTID, or by its binary log. */
export type Position = { readonly gtids: string } | LogPosition;

export async function askPosition(session: Session, words: Words, gtid: boolean): Promise<Position> {
  if (gtid) {
    const [row] = await session.query(`SELECT ${words.passedOn} AS gtids`);
    return { gtids: gtidsOf(row?.gtids) };
  }
  return askLogPosition(session, words);
}

/** The end of a server's binary log. */
export async function askLogPosition(session: Session, words: Words): Promise<LogPosition> {
  const [row] = await session.query(words.showPosition);
  return { file: textOf(row?.File), position: Number(row?.Position ?? 0) };
}

/** Whether a replica has received, or also applied, all up to a position of its source. */
export function hasReached(
  { words, executed }: Pick<NodeState, 'words' | 'executed'>,
  channel: ChannelState,
  position: Position,
  how: 'received' | 'applied',
): boolean {
  if ('file' in position) return isAtLeast(how === 'received' ? channel.readTo : channel.appliedTo, position);
  const gtids = GTIDS[words.family];
  const has = how === 'received' ? gtids.union([executed, channel.received]) : executed;
  return gtids.subtract(position.gtids, has) === '';
}

/** Files are numbered with as many digits as they need. */
export function isAtLeast(ours: LogPosition, theirs: LogPosition): boolean {
  if (ours.file === theirs.file) return ours.position >= theirs.position;
  return ours.file.length === theirs.file.length ? ours.file > theirs.file : ours.file.length > theirs.file.length;
}

/** The channel by which a replica follows the node at an address. */
export function channelFrom({ channels }: Pick<NodeState, 'channels'>, address: string): ChannelState | undefined {
  return channels.find((channel) => channel.address === address);
}
