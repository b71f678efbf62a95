import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import { ConflictError } from '../../errors/errors.js';
import { whenUp } from '../../servers/mysqld/up.js';
import { askStep } from '../ask-step.js';
import type { Setting } from '../topology.js';
import { startApart } from './first-start.js';
import { JOIN, LEAVE, firstOf, joinPlan, onlinePlan, untilOnline, type Found } from './join.js';
import { askGtids } from './member.js';
import { mostAdvanced } from './standing.js';

/** Who comes back. */
export interface Return {
  readonly setting: Setting;
  readonly starting: readonly Node[];
  /** Those that start, and those that run in no group that has a quorum. */
  readonly joining: readonly Node[];
  /** The members of the group that goes on; empty when there is none. */
  readonly members: readonly Node[];
}

/** Into the group that goes on. */
export function rejoinPlan(back: Return): Plan {
  const { setting, joining, members } = back;
  const found: Found = { cluster: setting.cluster.name, first: members[0], apart: new Set() };
  return {
    title: `${startTitle(back)} join the group`,
    sequence: [startPlan(back), joinPlan(joining, found), onlinePlan([...members, ...joining], found)],
  };
}

/** Nobody is in a group: who has all that the others have makes it anew. */
export function remakePlan(back: Return, bootstrap: Node | null): Plan {
  const { setting, joining, starting } = back;
  const found: Found = { cluster: setting.cluster.name, apart: new Set() };
  const running = joining.filter((node) => !starting.includes(node));
  return {
    title: `${startTitle(back)} make the group again`,
    sequence: [
      startPlan(back),
      chooseStep(back, bootstrap, found),
      { parallel: running.map(leaveStep) },
      makeStep(found),
      joinPlan(joining, found),
      onlinePlan(joining, found),
    ],
  };
}

function startTitle({ starting }: Return): string {
  return `start ${starting.length} ${starting.length === 1 ? 'node' : 'nodes'}, and let them`;
}

function startPlan({ setting, starting }: Return): Plan {
  return { parallel: starting.map((node) => startApart(setting, node)) };
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
  return askStep(`take ${node.name} out of a group that has no quorum`, node, LEAVE, (context) =>
    whenUp(context, node, async (session) => {
      await session.query(LEAVE);
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
  await untilOnline(context, node, 1);
}
