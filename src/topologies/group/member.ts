import type { Row, Session } from '../../servers/mysqld/client.js';

/** What a member says of itself, and of the group as it sees it. */
export interface Member {
  /** server_uuid. */
  readonly id: string;
  /** `ONLINE`, `RECOVERING`, `OFFLINE`, `ERROR`, as the server says; so are the others. */
  readonly state: string;
  /** `PRIMARY`, `SECONDARY`; empty outside of a group. */
  readonly role: string;
  readonly viewId: string;
  /** How many members are in its view, how many of them it reaches, itself among them, and how many are ONLINE. */
  readonly members: number;
  readonly reached: number;
  readonly online: number;
  /** Transactions that wait for certification, and certified ones of others that wait for the applier. */
  readonly certifying: number;
  readonly applying: number;
  /** Transactions that certification turned down since the server joined. */
  readonly conflicts: number;
  readonly readOnly: boolean;
  /** `1062 Worker 1 failed …`, of the applier or of recovery; null when all is well. */
  readonly error: string | null;
}

/**
 * Asks a member; it answers without a quorum too. An error of the applier or of recovery takes it out of ONLINE, so there
 * nobody asks for one: for a second after it joined, while START GROUP_REPLICATION has not returned, that would hang.
 */
export async function askMember(session: Session): Promise<Member> {
  const rows = await session.query(MEMBERS);
  const member = readMember(rows, []);
  return member.state === 'ONLINE' ? member : readMember(rows, await session.query(ERRORS));
}

/** The little that is asked again and again while a group forms. */
export async function askView(session: Session): Promise<Pick<Member, 'state' | 'members' | 'online'>> {
  return readMember(await session.query(VIEW), []);
}

const VIEW = `SELECT MEMBER_ID AS id, MEMBER_STATE AS state, @@server_uuid AS own
  FROM performance_schema.replication_group_members`;

const MEMBERS = `SELECT MEMBER_ID AS id, MEMBER_STATE AS state, MEMBER_ROLE AS role, VIEW_ID AS viewId,
    COUNT_TRANSACTIONS_IN_QUEUE AS certifying, COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE AS applying,
    COUNT_CONFLICTS_DETECTED AS conflicts, @@server_uuid AS own, @@GLOBAL.super_read_only AS readOnly
  FROM performance_schema.replication_group_members
  LEFT JOIN performance_schema.replication_group_member_stats USING (CHANNEL_NAME, MEMBER_ID)`;

const ERRORS = ['replication_connection_status', 'replication_applier_status_by_worker']
  .map(
    (table) => `SELECT LAST_ERROR_NUMBER AS number, LAST_ERROR_MESSAGE AS message FROM performance_schema.${table}
  WHERE CHANNEL_NAME LIKE 'group_replication_%' AND LAST_ERROR_NUMBER <> 0`,
  )
  .join(' UNION ALL ');

/** Reads the rows of the view, of which one is the member's own, and of errors. */
export function readMember(rows: readonly Row[], errors: readonly Row[]): Member {
  const own = rows.find(({ id, own: ours }) => id === ours) ?? rows[0] ?? {};
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
    certifying: Number(own.certifying ?? 0),
    applying: Number(own.applying ?? 0),
    conflicts: Number(own.conflicts ?? 0),
    readOnly: Number(own.readOnly) === 1,
    error: error === undefined ? null : `${textOf(error.number)} ${textOf(error.message)}`,
  };
}

/** Whether it reaches more than half of its view, without whom nothing is agreed on; null outside of a group. */
export function hasQuorum({ state, members, reached }: Member): boolean | null {
  return state === 'ONLINE' || state === 'RECOVERING' ? reached * 2 > members : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
