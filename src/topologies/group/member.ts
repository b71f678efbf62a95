import type { Row, Session } from '../../servers/mysqld/client.js';
import { GTIDS } from '../../servers/mysqld/gtid.js';

/** What a member says of itself, and of the group as it sees it: the little that every server knows at once. */
export interface View {
  /** server_uuid. */
  readonly id: string;
  /** `ONLINE`, `RECOVERING`, `OFFLINE`, `ERROR`, as the server says; so are the others. */
  readonly state: string;
  /** `PRIMARY`, `SECONDARY`; empty outside of a group. */
  readonly role: string;
  /** How many members are in its view, how many of them it reaches, itself among them, and how many are ONLINE. */
  readonly members: number;
  readonly reached: number;
  readonly online: number;
  /** The ids and addresses of all, and the ids of those that it reaches. */
  readonly ids: readonly string[];
  readonly hosts: readonly string[];
  readonly peers: readonly string[];
  readonly readOnly: boolean;
}

export interface Member extends View {
  /** The states of the others, as it sees them. */
  readonly others: readonly { readonly host: string; readonly state: string }[];
  readonly viewId: string;
  /** Statistics, null while the server does not tell them. Transactions that wait for certification, and certified ones of others that wait for the applier. */
  readonly certifying: number | null;
  readonly applying: number | null;
  /** Transactions that certification turned down since the server joined. */
  readonly conflicts: number | null;
  /** `1062 Worker 1 failed …`, of the applier or of recovery; null when all is well. */
  readonly error: string | null;
}

/** Asks a member; it answers without a quorum too. */
export async function askMember(session: Session): Promise<Member> {
  const rows = await session.query(VIEW);
  // An error of the applier or of recovery takes a member out of ONLINE.
  const { state } = readMember(rows, []);
  return state === 'ONLINE'
    ? readMember(rows, [], await orNothing(session, STATISTICS))
    : readMember(rows, await orNothing(session, ERRORS));
}

/** A second after a member has joined, until START GROUP_REPLICATION returns, its statistics hang. */
async function orNothing(session: Session, statement: string): Promise<readonly Row[]> {
  const rows = session.query(statement);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly Row[]>((resolve) => {
    timer = setTimeout(() => {
      session.abort();
      resolve([]);
    }, PATIENCE);
  });
  rows.catch(() => undefined); // it may fail when nobody waits for it any more
  return Promise.race([rows, late]).finally(() => {
    clearTimeout(timer);
  });
}

/** ms */
const PATIENCE = 200;

/** What is asked again and again while a group forms, and whenever it must be quick. */
export async function askView(session: Session): Promise<View> {
  return readMember(await session.query(VIEW), []);
}

const VIEW = `SELECT MEMBER_ID AS id, MEMBER_HOST AS host, MEMBER_STATE AS state, MEMBER_ROLE AS role,
    @@server_uuid AS own, @@GLOBAL.super_read_only AS readOnly FROM performance_schema.replication_group_members`;

const STATISTICS = `SELECT VIEW_ID AS viewId, COUNT_TRANSACTIONS_IN_QUEUE AS certifying,
    COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE AS applying, COUNT_CONFLICTS_DETECTED AS conflicts
  FROM performance_schema.replication_group_member_stats WHERE MEMBER_ID = @@server_uuid`;

const ERRORS = ['replication_connection_status', 'replication_applier_status_by_worker']
  .map(
    (table) => `SELECT LAST_ERROR_NUMBER AS number, LAST_ERROR_MESSAGE AS message FROM performance_schema.${table}
  WHERE CHANNEL_NAME LIKE 'group_replication_%' AND LAST_ERROR_NUMBER <> 0`,
  )
  .join(' UNION ALL ');

/** Reads the rows of the view, of which one is the member's own, of errors, and of its statistics. */
export function readMember(rows: readonly Row[], errors: readonly Row[], statistics: readonly Row[] = []): Member {
  const own: Row = { ...(rows.find(({ id, own: ours }) => id === ours) ?? rows[0]), ...statistics[0] };
  const count = (state: string) => rows.filter((row) => row.state === state).length;
  const [error] = errors;
  return {
    id: textOf(own.own),
    state: textOf(own.state),
    role: textOf(own.role),
    viewId: textOf(own.viewId),
    members: rows.length,
    reached: rows.length - count('UNREACHABLE'),
    online: count('ONLINE'),
    ids: rows.map(({ id }) => textOf(id)),
    hosts: rows.map(({ host }) => textOf(host)),
    peers: rows.flatMap(({ id, state }) => (state === 'UNREACHABLE' ? [] : [textOf(id)])),
    others: rows.flatMap(({ id, own: ours, host, state }) =>
      id === ours ? [] : [{ host: textOf(host), state: textOf(state) }],
    ),
    certifying: numberOf(own.certifying),
    applying: numberOf(own.applying),
    conflicts: numberOf(own.conflicts),
    readOnly: Number(own.readOnly) === 1,
    error: error === undefined ? null : `${textOf(error.number)} ${textOf(error.message)}`,
  };
}

/** Whether it reaches more than half of its view, without whom nothing is agreed on; null outside of a group. */
export function hasQuorum({ state, members, reached }: View): boolean | null {
  return state === 'ONLINE' || state === 'RECOVERING' ? reached * 2 > members : null;
}

/** Every GTID that a member has or, having received it, will have. */
export async function askGtids(session: Session): Promise<string> {
  const [row] = await session.query(GTID_SETS);
  return GTIDS.mysql.union([textOf(row?.executed), textOf(row?.received)].filter((set) => set !== ''));
}

/** A server that starts drops what it had received and not applied (relay_log_recovery): only one that lives has any. */
const GTID_SETS = `SELECT @@GLOBAL.gtid_executed AS executed, (SELECT RECEIVED_TRANSACTION_SET
  FROM performance_schema.replication_connection_status WHERE CHANNEL_NAME = 'group_replication_applier') AS received`;

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}
