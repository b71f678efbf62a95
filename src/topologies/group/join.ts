import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import { NotReadyError } from '../../errors/errors.js';
import { ask, rootAt, type Session } from '../../servers/mysqld/client.js';
import { formingAct } from '../../servers/mysqld/forming.js';
import { GTIDS } from '../../servers/mysqld/gtid.js';
import { whenUp } from '../../servers/mysqld/up.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import { askGtids, askView, hasQuorum, type View } from './member.js';

export const JOIN = ['SET GLOBAL group_replication_start_on_boot = ON', 'START GROUP_REPLICATION'];

export const LEAVE = 'STOP GROUP_REPLICATION';

/** What comes out while a plan is carried out. */
export interface Found {
  /** The name of the cluster. */
  readonly cluster: string;
  /** The member that the others join. */
  first?: Node | undefined;
  /** Those that have what the group never had; null where nobody may have that. */
  readonly apart: Set<string> | null;
}

export function firstOf({ first }: Found): Node {
  if (first === undefined) throw new Error('nobody has made the group');
  return first;
}

/** One after another: XCom takes in one member a second, and two that come at once collide. */
export function joinPlan(joining: readonly Node[], found: Found): Plan {
  return { sequence: joining.map((node) => joinStep(node, found)) };
}

/** Until each of them sees all ONLINE. */
export function onlinePlan(members: readonly Node[], found: Found): Plan {
  return { parallel: members.map((node) => onlineStep(node, members.length, found)) };
}

/** What it was started with is forgotten first: the copy of all data that it may get ends in a restart. */
function joinStep(node: Node, found: Found): Step {
  const title = `let ${node.name} join the group`;
  const up = askStep(title, node, 'it answers', (context) => whenUp(context, node, () => Promise.resolve()));
  const join = askStep(
    title,
    node,
    `when the group has forgotten that it was there: ${JOIN.join('; ')}; not when it has what the group never had`,
    async (context) => {
      const first = firstOf(found);
      if (first.name === node.name) return;
      await whenUp(context, node, (session) => enterUnlessApart(context, { session, node, first }, found));
    },
  );
  return { step: title, acts: [...up.acts, formingAct(node, ''), ...join.acts] };
}

interface Joining {
  readonly session: Session;
  readonly node: Node;
  /** A member of the group. */
  readonly first: Node;
}

/** The group would refuse one that has what it never had. */
async function enterUnlessApart(context: AskContext, joining: Joining, { cluster, apart }: Found): Promise<void> {
  const { session, node, first } = joining;
  const ours = await askGtids(session);
  const theirs = await whenUp(context, first, askGtids);
  const own = GTIDS.mysql.subtract(ours, theirs);
  if (own === '') {
    await enter(context, joining);
    return;
  }
  const why = `${node.name} has transactions that the group never had: ${own}.`;
  if (apart === null) throw new NotReadyError(why);
  await session.query('SET GLOBAL super_read_only = ON');
  context.tell(`${why} It stays read-only and apart: dbns rebuild ${cluster} ${node.name}`);
  apart.add(node.name);
}

/** Nobody else may be known by its address either: a member that died there, and was removed. */
async function enter(context: AskContext, { session, node, first }: Joining): Promise<void> {
  const { id, state } = await askView(session);
  if (state !== 'OFFLINE') await session.query(LEAVE);
  await waitUntil(context, async () => {
    const { ids, hosts } = await viewOf(first);
    if (!ids.includes(id) && !hosts.includes(node.address)) return null;
    return `${first.name} still waits for ${node.name} as it was before`;
  });
  await joinUntil(session, () =>
    waitUntil(context, async () =>
      (await viewOf(first)).ids.includes(id) ? null : `${first.name} does not know ${node.name} yet`,
    ),
  );
}

/**
 * Joins the group, and returns as soon as `seen` does: START GROUP_REPLICATION returns a second after the member is
 * ONLINE, and whoever sets a variable of the group waits for it. The session is of no use afterwards.
 */
async function joinUntil(session: Session, seen: () => Promise<void>): Promise<void> {
  const joined = inOrder(session, JOIN);
  const done = seen();
  await Promise.race([done, joined.then(() => done)]);
  joined.catch(() => undefined);
  session.abort();
}

async function inOrder(session: Session, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await session.query(statement);
}

function onlineStep(node: Node, size: number, { apart }: Found): Step {
  return askStep(
    `wait until ${node.name} sees all ONLINE`,
    node,
    `${size} ONLINE, or as many as joined`,
    async (context) => {
      if (apart?.has(node.name) !== true) await untilOnline(context, node, size - (apart?.size ?? 0));
    },
  );
}

/** Waits until a member is ONLINE, and sees so many that are. */
export async function untilOnline(context: AskContext, node: Node, online: number): Promise<void> {
  await waitUntil(context, async () => {
    const view = await viewOf(node);
    if (view.state !== 'ONLINE') return `${node.name} is ${view.state}`;
    return hasQuorum(view) === true && view.online >= online ? null : `${node.name} sees ${view.online} ONLINE`;
  });
}

/** By a connection of its own: a member that gets a copy of all data restarts. */
function viewOf({ socket }: Node): Promise<View> {
  return ask(rootAt(socket), 2000, askView);
}
