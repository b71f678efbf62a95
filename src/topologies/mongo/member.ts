import type { Node } from '../../cluster/cluster.js';
import { readTitle } from '../../cluster/server.js';
import { messageOf } from '../../errors/errors.js';
import { codeOf, type Document, type Session } from '../../servers/mongod/client.js';
import { hello, replicaSetConfig, type Greeting } from '../../servers/mongod/commands.js';

/** What a member says of itself and of its set. */
export interface Member {
  /** PRIMARY, SECONDARY, ARBITER, RECOVERING, ROLLBACK, STARTUP2 … */
  readonly state: string;
  /** The set's election term; null when it has none. */
  readonly term: number | null;
  readonly configVersion: number | null;
  readonly votes: number | null;
  readonly priority: number | null;
  readonly hidden: boolean | null;
  /** Seconds. */
  readonly delay: number | null;
  /** HOST:PORT of whom it replicates from. */
  readonly syncSource: string | null;
  /** What it applied last: seconds since the epoch, and a counter within them. */
  readonly optime: Optime | null;
  /** HOST:PORT of the primary that it sees. */
  readonly primary: string | null;
  /** Seconds that it is behind the primary; null when it sees none, or is one. */
  readonly lag: number | null;
  /** ISO 8601, UTC, of the primary that it sees. */
  readonly electionDate: string | null;
  /** Members that it can't reach, and why: HOST:PORT → what the server says. */
  readonly unreachable: Readonly<Record<string, string>>;
  /** What the server says of its own state, where it has something to say. */
  readonly message: string | null;
}

export interface Optime {
  readonly seconds: number;
  readonly increment: number;
}

/** The states of a member that does its part. */
export const SERVING: ReadonlySet<string> = new Set(['PRIMARY', 'SECONDARY', 'ARBITER']);

/** Codes of a member that has no configuration, or is in none: it has a state all the same. */
const STATE_WITHOUT_SET: Readonly<Record<number, string>> = { 94: 'STARTUP', 93: 'REMOVED' };

export async function askMember(session: Session, { server }: Pick<Node, 'server'>): Promise<Member> {
  try {
    const status = await session.admin({ replSetGetStatus: 1 });
    return readMember(status, await replicaSetConfig(session));
  } catch (error) {
    const code = codeOf(error) ?? 0;
    const state = STATE_WITHOUT_SET[code];
    if (state !== undefined) return { ...NOTHING, state, message: messageOf(error) };
    if (code !== UNAUTHORIZED) throw error;
    const greeting = await hello(session, readTitle(server));
    if (!greeting.isArbiter) throw error;
    return arbiterOf(greeting);
  }
}

const UNAUTHORIZED = 13;

/** Drivers show an arbiter no password, for it knows no accounts: all that it says to strangers is its greeting. */
function arbiterOf({ primary, configVersion }: Greeting): Member {
  return { ...NOTHING, state: 'ARBITER', votes: 1, priority: 0, primary, configVersion };
}

const NOTHING: Omit<Member, 'state'> = {
  ...{ term: null, configVersion: null, votes: null, priority: null, hidden: null, delay: null },
  ...{ syncSource: null, optime: null, primary: null, lag: null, electionDate: null, unreachable: {}, message: null },
};

/** Out of `replSetGetStatus` and the configuration of `replSetGetConfig`. */
export function readMember(status: Document, config: Document): Member {
  const members = status.members as readonly Document[];
  const self = members.find((member) => member.self === true) ?? {};
  const primary = members.find(({ stateStr }) => stateStr === 'PRIMARY') ?? null;
  const own = (config.members as readonly Document[]).find(({ _id }) => _id === self._id) ?? {};
  return {
    state: text(self.stateStr) ?? 'UNKNOWN',
    term: number(status.term),
    configVersion: number(config.version),
    votes: number(own.votes),
    priority: number(own.priority),
    hidden: own.hidden === true,
    delay: number(own.secondaryDelaySecs ?? own.slaveDelay),
    // 4.0 has syncingTo, later versions syncSourceHost; who has none says so by an empty text.
    syncSource:
      text(self.syncSourceHost) ?? text(self.syncingTo) ?? text(status.syncSourceHost) ?? text(status.syncingTo),
    optime: optimeOf(self.optime),
    primary: primary === null ? null : text(primary.name),
    lag: primary === null || primary === self ? null : secondsBetween(self.optimeDate, primary.optimeDate),
    electionDate: primary?.electionDate instanceof Date ? primary.electionDate.toISOString() : null,
    unreachable: Object.fromEntries(
      members.filter((member) => member.health === 0).map((member) => [String(member.name), whyDown(member)]),
    ),
    message: text(self.infoMessage) ?? text(self.errmsg),
  };
}

/** A member that is refused, or refuses, is told from one that is merely down. */
function whyDown({ authenticated, lastHeartbeatMessage }: Document): string {
  if (authenticated === false) return 'authentication failed: it has another key';
  return text(lastHeartbeatMessage) ?? 'no heartbeat';
}

/** A timestamp is seconds and a counter, by themselves or in an optime with its term. */
export function optimeOf(value: unknown): Optime | null {
  const ts = typeof value === 'object' && value !== null && 'ts' in value ? value.ts : value;
  if (typeof ts !== 'object' || ts === null || !('t' in ts) || !('i' in ts)) return null;
  return { seconds: Number(ts.t), increment: Number(ts.i) };
}

/** Whether one has all that the other had. */
export function reaches(ours: Optime | null, theirs: Optime): boolean {
  if (ours === null) return false;
  return ours.seconds > theirs.seconds || (ours.seconds === theirs.seconds && ours.increment >= theirs.increment);
}

function secondsBetween(ours: unknown, theirs: unknown): number | null {
  if (!(ours instanceof Date) || !(theirs instanceof Date)) return null;
  return Math.max(0, Math.round((theirs.getTime() - ours.getTime()) / 1000));
}

function number(value: unknown): number | null {
  return value === undefined || value === null ? null : Number(value);
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
