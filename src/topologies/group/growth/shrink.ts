import { settledPart, without, type Node } from '../../../cluster/cluster.js';
import type { Plan, Step } from '../../../cluster/plan.js';
import { ConflictError, NotReadyError } from '../../../errors/errors.js';
import { ask, rootAt, type Session } from '../../../servers/mysqld/client.js';
import { GTIDS } from '../../../servers/mysqld/gtid.js';
import { listens } from '../../../servers/listens.js';
import { waitUntil } from '../../../servers/wait.js';
import { answersOf, askNodes } from '../../ask-nodes.js';
import { askStep } from '../../ask-step.js';
import type { Leaving, ShrinkRequest } from '../../growth.js';
import { LEAVE } from '../join.js';
import { stopOrder } from '../life.js';
import { askGtids, askView, type View } from '../member.js';
import { seedsPlan } from './seeds.js';
import { settingsOf } from '../settings.js';
import { isInGroup, standing, viewWithout } from '../standing.js';

/** How long a member may take to say how it stands, ms. */
const ANSWER_TIMEOUT = 5000;

/** A member that was asked what it knows and has. */
interface Witness extends View {
  readonly gtids: string;
}

type Witnesses = ReadonlyMap<string, Witness>;

/**
 * Members leave the group in order before their servers end: one that comes half way may be killed sooner than it would
 * leave by itself, and a group of two has no quorum then.
 * @throws ConflictError when those that stay would have no quorum, or when nobody can tell whether they have all data.
 */
export async function shrink(request: ShrinkRequest): Promise<Leaving> {
  const { setting, leaving, running, force } = request;
  const { cluster, machine } = setting;
  const said = answersOf(
    await askNodes(running, ({ socket }) => ask(rootAt(machine.reach(socket)), ANSWER_TIMEOUT, askWitness)),
  );
  if (!force) assertQuorum(request, said);
  const after = settledPart(without(cluster, leaving));
  return {
    notes: [...quorumNotes(request, said), ...primaryNotes(request, said), ...apartNotes(leaving, said)],
    settings: cluster.settings,
    before: leavePlan(leaving, said),
    after: seedsPlan(setting, { before: cluster, after }, after.nodes, ({ name }) => said.has(name)),
  };
}

async function askWitness(session: Session): Promise<Witness> {
  return { ...(await askView(session)), gtids: await askGtids(session) };
}

/** In the order in which they stop. */
function leavePlan(leaving: readonly Node[], said: Witnesses): Plan {
  const members = leaving.filter(({ name }) => isInGroup(said.get(name)));
  if (members.length === 0) return { sequence: [] };
  return {
    title: `let ${namesOf(members).join(', ')} leave the group`,
    sequence: stopOrder({ nodes: members }).map((batch) => ({ parallel: batch.map(leaveStep) })),
  };
}

/** Milliseconds; who has not left by then is in the way of nobody but itself. */
const LEAVING = 30_000;

/** It is refused while its START goes on, which returns a second after the member is ONLINE. */
function leaveStep(node: Node): Step {
  return askStep(`let ${node.name} leave the group`, node, LEAVE, async (context) => {
    const deadline = Math.min(context.deadline, Date.now() + LEAVING);
    await waitUntil({ ...context, deadline }, async () => {
      if (!(await listens(node.socket))) return null;
      await ask(rootAt(node.socket), LEAVING, (session) => session.query(LEAVE));
      return null;
    }).catch((error: unknown) => {
      if (!(error instanceof NotReadyError)) throw error;
      context.tell(`${node.name} did not leave the group in order: ${error.message}`);
    });
  });
}

const namesOf = (nodes: readonly Node[]) => nodes.map(({ name }) => name);

function assertQuorum({ setting: { cluster }, leaving }: ShrinkRequest, said: Witnesses): void {
  const names = namesOf(leaving).join(', ');
  const byForce = `dbns remove ${cluster.name} ${namesOf(leaving).join(' ')} --force`;
  const left = viewWithout(said, namesOf(leaving));
  if (left === null) {
    throw new ConflictError(
      `No node of '${cluster.name}' is in a group that has a quorum: nobody can tell whether the others have all that ${names} has.`,
      { suggestions: [`dbns start ${cluster.name}`, `Whatever is lost with it: ${byForce}`] },
    );
  }
  if (left.reached === 0) {
    throw new ConflictError(`Nobody stays who is in the group: what ${names} has may be nowhere else.`, {
      suggestions: [`dbns start ${cluster.name}`, `Whatever is lost with it: ${byForce}`],
    });
  }
  if (left.reached * 2 > left.members) return;
  throw new ConflictError(
    `The group would have no quorum: without ${names} it counts ${left.members} members, and reaches ${left.reached} of them.`,
    {
      suggestions: [
        'One that died is expelled within some 15 s: try again then.',
        `dbns start ${cluster.name}`,
        `Whoever stays takes no more writes: ${byForce}`,
      ],
    },
  );
}

function quorumNotes({ setting: { cluster }, leaving }: ShrinkRequest, said: Witnesses): readonly string[] {
  const left = viewWithout(said, namesOf(leaving));
  if (left === null || left.reached * 2 <= left.members) {
    return [`The group has no quorum then, and takes no writes: dbns start ${cluster.name} makes it again.`];
  }
  const { members, reached } = left;
  if (members === 1) return ['1 member stays: when it ends, nobody takes writes.'];
  const dead = members - reached;
  const until = dead === 0 ? '' : `, until the group has expelled ${dead} that died`;
  return [
    `${reached} ${reached === 1 ? 'member stays' : 'members stay'}: writes need ${Math.floor(members / 2) + 1} of them${until}.`,
  ];
}

function primaryNotes({ setting: { cluster }, leaving }: ShrinkRequest, said: Witnesses): readonly string[] {
  if (settingsOf(cluster).multiPrimary) return [];
  const names = standing(said).filter((name) => said.get(name)?.role === 'PRIMARY');
  const primaries = namesOf(leaving).filter((name) => names.includes(name));
  return primaries.map((name) => `${name} is the primary: when it leaves, the others elect one among themselves.`);
}

/** What one has that is in no group, and the group never had. */
function apartNotes(leaving: readonly Node[], said: Witnesses): readonly string[] {
  const members = standing(said);
  if (members.length === 0) return [];
  const theirs = GTIDS.mysql.union(members.map((name) => said.get(name)?.gtids ?? ''));
  return namesOf(leaving).flatMap((name) => {
    const own = GTIDS.mysql.subtract(said.get(name)?.gtids ?? '', theirs);
    if (own === '' || members.includes(name)) return [];
    return [`${name} has transactions that the group never had, and takes them with it: ${own}.`];
  });
}
