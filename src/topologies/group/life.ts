import { namesOf, type Cluster, type Made, type Node } from '../../cluster/cluster.js';
import { ConflictError, UsageError } from '../../errors/errors.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import { inRolesOf } from '../anew.js';
import type { Life, Recovery, RecoveryRequest } from '../recovery.js';
import { primariesFirst } from '../routes.js';
import { finishOf } from './finish.js';
import { askViewAt } from './health.js';
import { rejoinPlan, remakePlan } from './return.js';
import { isInGroup, standing } from './standing.js';

export const life: Life = { stopOrder, beforeStop: () => null, afterStop: () => null, anew, isPutOut, recover };

/** Its members are all alike, and whoever makes it is its primary. */
function anew(cluster: Cluster, made: Made): Cluster {
  return { ...cluster, nodes: inRolesOf(made, cluster.nodes) };
}

function isPutOut({ state }: Readonly<Record<string, unknown>>): boolean {
  return state === 'ERROR' || state === 'OFFLINE';
}

/**
 * The primary last, or of many the first: it sees all others leave, and has all that was ever written. They may leave
 * together: each takes some 6 s, and is out before its server ends.
 */
export function stopOrder(cluster: Pick<Cluster, 'nodes'>): readonly (readonly Node[])[] {
  const [last, ...others] = primariesFirst(cluster);
  return [others, last === undefined ? [] : [last]].filter(({ length }) => length > 0);
}

/** How long a member may take to say how it stands, ms. */
const ANSWER_TIMEOUT = 2000;

async function recover(request: RecoveryRequest): Promise<Recovery> {
  const { setting, starting, running, bootstrap } = request;
  const views = answersOf(await askNodes(running, (node) => askViewAt(setting.machine, node, ANSWER_TIMEOUT)));
  const answering = running.filter(({ name }) => views.has(name));
  const names = standing(views);
  const members = answering.filter(({ name }) => names.includes(name));
  const stands = members.length > 0;
  if (stands) assertNoBootstrap(bootstrap, names);
  else assertKnown(request, answering);
  const out = answering.filter(({ name }) => !stands || !isInGroup(views.get(name)));
  const back = { setting, starting, members, joining: primariesFirst({ nodes: [...starting, ...out] }) };
  const plan = stands ? rejoinPlan(back) : remakePlan(back, bootstrap);
  const all = [...starting, ...answering];
  return {
    notes: [stands ? `The group goes on with ${names.join(', ')}: the others join it.` : makes(bootstrap)],
    ways: back.joining.length === 0 ? [] : [{ title: 'one by one', plan, patience: null }],
    finish: finishOf(setting, all, all),
  };
}

function makes(bootstrap: Node | null): string {
  const who =
    bootstrap === null ? 'The one with the largest GTID set (asked at start)' : `${bootstrap.name} (as you said)`;
  return `No node is in a group that has a quorum. ${who} makes it again, and the others join.`;
}

/** @throws ConflictError when a node that is not asked may have more than those that are, or a group of its own. */
function assertKnown({ setting, starting, running, bootstrap }: RecoveryRequest, answering: readonly Node[]): void {
  const { name, nodes } = setting.cluster;
  const silent = running.filter((node) => !answering.includes(node));
  if (silent.length > 0) {
    throw new ConflictError(
      `${namesOf(silent)} does not answer: nobody can tell whether it is in a group, and what it has.`,
      { suggestions: [`dbns stop ${name} ${namesOf(silent, ' ')}`] },
    );
  }
  const absent = nodes.filter((node) => !starting.includes(node) && !running.includes(node));
  if (absent.length === 0 || bootstrap !== null) return;
  const [node] = starting;
  throw new ConflictError(`No node is in a group, and ${namesOf(absent)} may have what the others have not.`, {
    suggestions: [
      `Start all: dbns start ${name}`,
      ...(node === undefined
        ? []
        : [`What ${node.name} has counts: dbns start ${name} ${node.name} --bootstrap ${node.name}`]),
    ],
  });
}

function assertNoBootstrap(bootstrap: Node | null, members: readonly string[]): void {
  if (bootstrap === null) return;
  throw new UsageError(
    `The group goes on with ${members.join(', ')}: nobody makes it again, ${bootstrap.name} joins it.`,
  );
}
