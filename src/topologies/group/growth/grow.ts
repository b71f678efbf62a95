import { namesOf, type Node } from '../../../cluster/cluster.js';
import type { Plan } from '../../../cluster/plan.js';
import { ConflictError } from '../../../errors/errors.js';
import { ask, rootAt, type Session } from '../../../servers/mysqld/client.js';
import { answersOf, askNodes } from '../../ask-nodes.js';
import type { GrowRequest, Joining } from '../../growth.js';
import type { Setting } from '../../topology.js';
import { wayTo, type Donor } from './donor.js';
import { firstStart } from '../first-start.js';
import { finishOf } from '../finish.js';
import { joinPlan, onlinePlan, type Found } from '../join.js';
import { askView, type View } from '../member.js';
import { seedsPlan } from './seeds.js';
import { settingsOf } from '../settings.js';
import { standing } from '../standing.js';

/** How long a member may take to say how it stands, ms. */
const ANSWER_TIMEOUT = 5000;

/**
 * Clones of the pristine directory, which have no transaction, join one after another; the group's own recovery brings
 * the rest.
 * @throws ConflictError when no member is in a group that has a quorum.
 */
export async function grow({ setting, before, newcomers, running }: GrowRequest): Promise<Joining> {
  // One that is rebuilt may be a member still: of a group of two it is half.
  const asked = [...running, ...newcomers.filter(({ phase }) => phase === 'rebuilding')];
  const said = answersOf(
    await askNodes(asked, ({ socket }) => ask(rootAt(setting.machine.reach(socket)), ANSWER_TIMEOUT, askWitness)),
  );
  const names = standing(said);
  const members = running.filter(({ name }) => names.includes(name));
  const witnesses = new Map([...said].filter(([name]) => members.some((node) => node.name === name)));
  if (members.length === 0)
    throw noGroup(
      before.name,
      running.filter(({ name }) => !said.has(name)),
    );
  return {
    notes: [
      `${namesOf(newcomers)}: ${wayTo(witnesses)}`,
      ...numberingNotes(setting, newcomers, Math.min(...[...witnesses.values()].map(({ increment }) => increment))),
    ],
    beginsAs: () => 'pristine',
    join: comePlan(setting, newcomers, members),
    finish: {
      sequence: [
        seedsPlan(setting, { before, after: setting.cluster }, before.nodes, ({ name }) => said.has(name)),
        finishOf(setting, newcomers, []),
      ],
    },
  };
}

function noGroup(cluster: string, silent: readonly Node[]): ConflictError {
  const who = silent.length === 0 ? '' : ` (no answer from ${namesOf(silent)})`;
  return new ConflictError(
    `No node of '${cluster}' is in a group that has a quorum: nobody could take newcomers in${who}.`,
    { suggestions: [`dbns status ${cluster}`, `dbns start ${cluster}`] },
  );
}

function comePlan(setting: Setting, newcomers: readonly Node[], members: readonly Node[]): Plan {
  const found: Found = { cluster: setting.cluster.name, first: members[0], apart: null };
  return {
    title: `start ${namesOf(newcomers)}, and join the group`,
    sequence: [
      { parallel: newcomers.map((node) => firstStart(setting, node)) },
      joinPlan(newcomers, found),
      onlinePlan([...members, ...newcomers], found),
    ],
  };
}

/** A member that was asked what it could hand on. */
interface Witness extends View, Donor {
  /** group_replication_auto_increment_increment */
  readonly increment: number;
}

async function askWitness(session: Session): Promise<Witness> {
  const view = await askView(session);
  const [row] = await session.query(DONOR);
  return {
    ...view,
    executed: String(row?.executed),
    purged: String(row?.purged),
    threshold: Number(row?.threshold),
    increment: Number(row?.increment),
  };
}

const DONOR = `SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged,
    @@GLOBAL.group_replication_clone_threshold AS threshold,
    @@GLOBAL.group_replication_auto_increment_increment AS increment`;

/** The server leaves an offset above the increment aside. Source: refman "auto_increment_offset". */
function numberingNotes({ cluster }: Setting, newcomers: readonly Node[], increment: number): readonly string[] {
  const beyond = newcomers.filter(({ index }) => index > increment).map(({ name }) => name);
  if (!settingsOf(cluster).multiPrimary || beyond.length === 0) return [];
  return [
    `${beyond.join(', ')}: the number is above group_replication_auto_increment_increment (${increment}), so AUTO_INCREMENT values may meet those of another member: one of two writers is turned down then.`,
  ];
}
