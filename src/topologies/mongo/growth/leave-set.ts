import { namesOf, type Cluster, type Node } from '../../../cluster/cluster.js';
import type { Plan, Step } from '../../../cluster/plan.js';
import { ConflictError } from '../../../errors/errors.js';
import { ask } from '../../../servers/mongod/client.js';
import { PORT } from '../../../servers/mongod/pristine.js';
import { waitUntil } from '../../../servers/wait.js';
import { askStep } from '../../ask-step.js';
import type { ShrinkRequest } from '../../growth.js';
import { serverOf, type Setting } from '../../topology.js';
import { inTurn, withVotes, withoutMembers, type Change } from './configuration.js';
import { SERVING, reaches, type Member } from '../member.js';
import { askMembers, primaryAmong, reconfigure, reconfigureByForce } from '../reconfigure.js';
import { dataMembers, entryOf, type ReplicaSet } from '../replica-set.js';
import { noPrimary, quorumNote } from '../sentences.js';
import { assertSet, settingsOf, votersOf, type MongoSettings } from '../settings.js';
import { standing } from '../stand.js';
import { targetOf } from '../target.js';

/** What it means that some leave a part of the cluster, and what is done before their servers end. */
export interface Departure {
  readonly notes: readonly string[];
  readonly before: readonly Plan[];
}

/** How a set is now, and who leaves it. */
interface Case {
  readonly setting: Setting;
  readonly set: ReplicaSet;
  readonly leaving: readonly Node[];
  readonly staying: readonly Node[];
  /** Those that answer. */
  readonly up: readonly Node[];
  readonly members: ReadonlyMap<string, Member>;
  readonly primary: Node | undefined;
  /** Who will vote of those that stay, and how many of them are there. */
  readonly voters: ReadonlySet<string>;
  readonly votes: number;
  /** Its words as they are then. */
  readonly settings: MongoSettings;
}

/**
 * Some members of a set leave it: the primary steps down, they are taken out of the configuration, and who gets the vote of
 * a voter that left has it then.
 * @throws UsageError when nobody could be primary; ConflictError without a primary or a majority. Not by force.
 */
export async function leaveSet(request: ShrinkRequest, set: ReplicaSet, after: Cluster): Promise<Departure> {
  const up = request.running.filter(({ group }) => group === set.group);
  return departureOf(request, set, after, await askMembers(request.setting, up));
}

/** The same, out of what its members say that answer, by name. */
export function departureOf(
  request: Pick<ShrinkRequest, 'setting' | 'leaving' | 'force'>,
  set: ReplicaSet,
  after: Cluster,
  members: ReadonlyMap<string, Member>,
): Departure {
  const now = caseOf(request, set, after, members);
  if (!request.force) assertLeaves(now);
  const { primary, leaving } = now;
  const notes = [
    quorumNote(set.name, now.voters.size),
    ...(primary !== undefined && leaving.includes(primary)
      ? [`${primary.name} is the primary of ${set.name}: another one is elected before it leaves.`]
      : []),
  ];
  if (primary !== undefined && hasMajority(now)) return { notes, before: [orderlyPlan(now)] };
  return byForce(now, notes);
}

function caseOf(
  { setting, leaving }: Pick<ShrinkRequest, 'setting' | 'leaving'>,
  set: ReplicaSet,
  after: Cluster,
  members: ReadonlyMap<string, Member>,
): Case {
  const going = set.members.filter(({ name }) => leaving.some((node) => node.name === name));
  const staying = set.members.filter((node) => !going.includes(node));
  const up = set.members.filter(({ name }) => members.has(name));
  const settings = settingsOf(after);
  const voters = votersOf(settings, staying);
  const serves = ({ name }: Node) => SERVING.has(members.get(name)?.state ?? '');
  const votes = staying.filter((node) => voters.has(node.name) && serves(node)).length;
  return {
    ...{ setting, set, leaving: going, staying, up, members, voters, votes, settings },
    primary: primaryAmong(up, members),
  };
}

const hasMajority = ({ votes, voters }: Case): boolean => votes * 2 > voters.size;

function assertLeaves(now: Case): void {
  const { setting, set, leaving, staying, settings, primary, voters, votes } = now;
  const { name } = setting.cluster;
  assertSet(settings, staying, set.group);
  const names = namesOf(leaving);
  const force = `Whoever stays may take no more writes: dbns remove ${name} ${leaving.map((node) => node.name).join(' ')} --force`;
  if (primary === undefined)
    throw noPrimary(name, set.name, `nobody could take ${names} out of its configuration`, force);
  if (hasMajority(now)) return;
  throw new ConflictError(
    `${set.name} would have no majority: without ${names} it has ${voters.size} voters, and ${votes} of them are there.`,
    { suggestions: [`dbns start ${name}`, force] },
  );
}

const hostOf = ({ address }: Node) => `${address}:${PORT}`;

/** Without those that leave; and who votes then that did not before, does. */
function changeOf({ setting, set, leaving, staying, settings, voters }: Case): Change {
  const had = votersOf(settingsOf(setting.cluster), set.members);
  const gaining = staying.filter(({ name }) => voters.has(name) && !had.has(name));
  return inTurn(
    withoutMembers(leaving.map(hostOf)),
    withVotes(gaining.map((node) => entryOf(node, settings, true, serverOf(setting, node).build))),
  );
}

function orderlyPlan(now: Case): Plan {
  const { setting, set, leaving, up } = now;
  const there = { ...set, members: up };
  return {
    title: `take ${namesOf(leaving)} out of ${set.name}`,
    sequence: [
      handOverStep(now),
      askStep(
        `take ${namesOf(leaving)} out of the configuration of ${set.name}`,
        set.first,
        `on the primary, one voter a replSetReconfig: without ${leaving.map(hostOf).join(', ')}`,
        async (context) => {
          await reconfigure(context, setting, there, changeOf(now));
        },
      ),
    ],
  };
}

/** How long a member may take for a command, ms; how long who leaves does not stand for election, and looks for another, s. */
const COMMAND_TIMEOUT = 30_000;
const FREEZE = 60;
const HAND_OVER = 10;

/** Until a member that stays is the primary: of those that leave none stands, and one that is primary steps down. */
function handOverStep({ setting, set, leaving, up }: Case): Step {
  const isLeaving = (node: Node) => leaving.includes(node);
  const tell = (node: Node, command: object) =>
    ask(targetOf(setting, node), COMMAND_TIMEOUT, (session) => session.admin(command)).catch(() => undefined);
  return askStep(
    `let a member that stays be the primary of ${set.name}`,
    set.first,
    `who is primary? One that leaves: replSetStepDown ${FREEZE}, the others that leave: replSetFreeze; one that stays: replSetStepUp`,
    async (context) => {
      const stand = standing();
      await waitUntil(context, async () => {
        const members = await askMembers(setting, up);
        const primary = primaryAmong(up, members);
        if (primary !== undefined && !isLeaving(primary)) return null;
        if (primary !== undefined) {
          const others = dataMembers({ ...set, members: up.filter((node) => isLeaving(node) && node !== primary) });
          await Promise.all(others.map((node) => tell(node, { replSetFreeze: FREEZE })));
          // It refuses while nobody has all that it has; until 4.0 it hangs up on everybody instead of answering.
          await tell(primary, { replSetStepDown: FREEZE, secondaryCatchUpPeriodSecs: HAND_OVER });
          return `${primary.name} is still the primary of ${set.name}`;
        }
        const next = up.find((node) => !isLeaving(node) && (members.get(node.name)?.priority ?? 0) > 0);
        if (next !== undefined) await ask(targetOf(setting, next), COMMAND_TIMEOUT, stand);
        return `${set.name} has no primary yet`;
      });
    },
  );
}

/** Nobody can agree on it: who has most of those that stay takes it by itself. */
function byForce(now: Case, notes: readonly string[]): Departure {
  const { setting, set, staying, leaving, up, members } = now;
  const optimeOf = ({ name }: Node) => members.get(name)?.optime ?? null;
  const hasAll = (node: Node, other: Node) => {
    const theirs = optimeOf(other);
    return theirs === null || reaches(optimeOf(node), theirs);
  };
  const able = dataMembers({ ...set, members: up.filter((member) => staying.includes(member)) });
  const node = able.find((one) => able.every((other) => hasAll(one, other)));
  const names = namesOf(leaving);
  if (node === undefined) {
    return {
      notes: [
        ...notes,
        `No member of ${set.name} that stays runs: its configuration goes on naming ${names}, if it does.`,
      ],
      before: [],
    };
  }
  return {
    notes: [...notes, `${set.name} has no majority: ${node.name} takes the configuration without ${names} by force.`],
    before: [
      askStep(
        `take ${names} out of the configuration of ${set.name} by force`,
        node,
        `replSetReconfig, by force, without ${leaving.map(hostOf).join(', ')}`,
        () => reconfigureByForce(setting, node, changeOf(now)),
      ),
    ],
  };
}
