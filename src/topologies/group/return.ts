import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import { ConflictError } from '../../errors/errors.js';
import { ask, rootAt, type Session } from '../../servers/mysqld/client.js';
import { formingAct } from '../../servers/mysqld/forming.js';
import { GTIDS } from '../../servers/mysqld/gtid.js';
import { whenUp } from '../../servers/mysqld/up.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import type { Setting } from '../topology.js';
import { startApart } from './first-start.js';
import { JOIN, joinUntil } from './join.js';
import { askGtids, askView, hasQuorum, type View } from './member.js';
import { mostAdvanced } from './standing.js';

/** Who comes back. */
export interface Return {
  readonly setting: Setting;
  readonly starting: readonly Node[];
  /** Those that start, and those that run in no group that has a quorum. */
  readonly joining: readonly Node[];
}

/** What comes out while a plan is carried out. */
interface Found {
  /** The member that the others join. */
  first?: Node | undefined;
  /** Those that have what the group never had. */
  readonly apart: Set<string>;
}

/** Into the group that goes on, of which `first` is a member. */
export function joinPlan(back: Return, first: Node): Plan {
  return {
    title: `${startTitle(back)} join the group`,
    sequence: [startPlan(back), ...joinSteps(back, { first, apart: new Set() })],
  };
}

/** Nobody is in a group: who has all that the others have makes it anew. */
export function remakePlan(back: Return, bootstrap: Node | null): Plan {
  const found: Found = { apart: new Set() };
  const running = back.joining.filter((node) => !back.starting.includes(node));
  return {
    title: `${startTitle(back)} make the group again`,
    sequence: [
      startPlan(back),
      chooseStep(back, bootstrap, found),
      { parallel: running.map(leaveStep) },
      makeStep(found),
      ...joinSteps(back, found),
    ],
  };
}

function startTitle({ starting }: Return): string {
  return `start ${starting.length} ${starting.length === 1 ? 'node' : 'nodes'}, and let them`;
}

function startPlan({ setting, starting }: Return): Plan {
  return { parallel: starting.map((node) => startApart(setting, node)) };
}

/** One after another: XCom takes in one member a second, and two that come at once collide. */
function joinSteps({ joining }: Return, found: Found): readonly Plan[] {
  return [
    { sequence: joining.map((node) => joinStep(node, found)) },
    { parallel: joining.map((node) => onlineStep(node, found)) },
  ];
}

function chooseStep({ setting: { cluster }, joining }: Return, bootstrap: Node | null, found: Found): Step {
  const what = `the GTID sets of ${joining.map(({ name }) => name).join(', ')}: the largest makes the group`;
  return {
    step: 'find out who makes the group',
    acts: [
      {
        do: 'ask',
        what,
        ask: async (context) => {
          const sets = await Promise.all(
            joining.map(async (node) => [node.name, await whenUp(context, node, askGtids)] as const),
          );
          for (const [name, gtids] of sets) context.tell(`${name} has ${gtids || 'no transaction'}.`);
          const chosen = bootstrap?.name ?? wholeOf(new Map(sets), cluster.name);
          const why = bootstrap === null ? 'it has all that the others have' : 'as you said';
          context.tell(`${chosen} makes the group: ${why}.`);
          found.first = joining.find(({ name }) => name === chosen);
        },
      },
    ],
  };
}

/** @throws ConflictError when neither of two has all that the other has. */
function wholeOf(sets: ReadonlyMap<string, string>, cluster: string): string {
  const chosen = mostAdvanced(sets);
  if (typeof chosen === 'string') return chosen;
  const [one, other] = chosen;
  throw new ConflictError(
    `${one.name} and ${other.name} have parted: ${one.name} alone has ${one.gtids}, ${other.name} alone has ${other.gtids}.`,
    {
      suggestions: [one, other].map(({ name }) => `dbns start ${cluster} --bootstrap ${name}`),
    },
  );
}

/** It knows a group that has no quorum, or is in none; the refusal to write stays. */
function leaveStep(node: Node): Step {
  const statement = 'STOP GROUP_REPLICATION';
  return askStep(`take ${node.name} out of a group that has no quorum`, node, statement, (context) =>
    whenUp(context, node, async (session) => {
      await session.query(statement);
      await session.query('SET GLOBAL super_read_only = ON');
    }),
  );
}

function makeStep(found: Found): Step {
  const statement = `SET GLOBAL group_replication_bootstrap_group = ON; ${JOIN.join('; ')}; … OFF`;
  return {
    step: 'make the group',
    acts: [{ do: 'ask', what: `who was chosen: ${statement}`, ask: (context) => make(context, firstOf(found)) }],
  };
}

async function make(context: AskContext, node: Node): Promise<void> {
  await whenUp(context, node, async (session) => {
    await session.query('SET GLOBAL group_replication_bootstrap_group = ON');
    try {
      for (const statement of JOIN) await session.query(statement);
    } finally {
      await session.query('SET GLOBAL group_replication_bootstrap_group = OFF');
    }
  });
  await waitUntil(context, async () => amissWith(node, await viewOf(node)));
}

/** What it is started with is forgotten before: the copy of all data that it may get ends in a restart. */
function joinStep(node: Node, found: Found): Step {
  const { step, acts } = askStep(
    `let ${node.name} join the group`,
    node,
    `when the group has forgotten that it was there: ${JOIN.join('; ')}; not when it has what the group never had`,
    async (context) => {
      const first = firstOf(found);
      if (first.name === node.name) return;
      await whenUp(context, node, async (session) => {
        if (await isApart(context, { session, node, first })) found.apart.add(node.name);
        else await join(context, { session, node, first });
      });
    },
  );
  return { step, acts: [formingAct(node, ''), ...acts] };
}

interface Joining {
  readonly session: Session;
  readonly node: Node;
  /** A member of the group. */
  readonly first: Node;
}

/** The group would refuse it. */
async function isApart(context: AskContext, { session, node, first }: Joining): Promise<boolean> {
  const ours = await askGtids(session);
  const theirs = await whenUp(context, first, askGtids);
  const own = GTIDS.mysql.subtract(ours, theirs);
  if (own === '') return false;
  await session.query('SET GLOBAL super_read_only = ON');
  context.tell(
    `${node.name} has transactions that the group never had: ${own}. It stays read-only and apart: rebuild it.`,
  );
  return true;
}

async function join(context: AskContext, { session, node, first }: Joining): Promise<void> {
  const { id, state } = await askView(session);
  if (state !== 'OFFLINE') await session.query('STOP GROUP_REPLICATION');
  const isKnown = async () => (await viewOf(first)).ids.includes(id);
  await waitUntil(context, async () =>
    (await isKnown()) ? `${first.name} still waits for ${node.name} as it was before` : null,
  );
  await joinUntil(session, () =>
    waitUntil(context, async () => ((await isKnown()) ? null : `${first.name} does not know ${node.name} yet`)),
  );
}

function onlineStep(node: Node, found: Found): Step {
  return askStep(`wait until ${node.name} is ONLINE`, node, 'ONLINE', async (context) => {
    if (found.apart.has(node.name)) return;
    await waitUntil(context, async () => amissWith(node, await viewOf(node)));
  });
}

function amissWith({ name }: Node, view: View): string | null {
  return view.state === 'ONLINE' && hasQuorum(view) === true ? null : `${name} is ${view.state}`;
}

/** By a connection of its own: a member that gets a copy of all data restarts. */
function viewOf({ socket }: Node): Promise<View> {
  return ask(rootAt(socket), 2000, askView);
}

function firstOf({ first }: Found): Node {
  if (first === undefined) throw new Error('nobody has made the group');
  return first;
}
