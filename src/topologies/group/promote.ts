import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Plan } from '../../cluster/plan.js';
import { ConflictError, NotReadyError, UsageError } from '../../errors/errors.js';
import { ask, rootAt } from '../../servers/mysqld/client.js';
import { waitUntil } from '../../servers/wait.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import { askStep } from '../ask-step.js';
import type { Promotion, PromotionRequest, Setting } from '../topology.js';
import { askMemberAt } from './health.js';
import { hasQuorum, type Member } from './member.js';
import { settingsOf } from './settings.js';

/** How long a member may take to say how it stands, ms. */
const ANSWER_TIMEOUT = 2000;

/** The group does it itself, when it is told to: nothing is lost. */
export async function promote({ setting, node, force }: PromotionRequest): Promise<Promotion> {
  const { machine, cluster } = setting;
  if (settingsOf(cluster).multiPrimary) {
    throw new UsageError('Every member of a multi-primary group takes writes: there is no primary to promote.');
  }
  if (force) {
    throw new UsageError('A group elects a primary by itself when the former one is dead: there is nothing to force.');
  }
  const members = answersOf(await askNodes(cluster.nodes, (node) => askMemberAt(machine, node, ANSWER_TIMEOUT)));
  const suggestions = [`dbns status ${cluster.name}`];
  const member = members.get(node.name);
  if (member === undefined) {
    throw new NotReadyError(`${node.name} does not answer.`, { suggestions });
  }
  if (hasQuorum(member) === false) {
    throw new ConflictError(`The group has no quorum: ${node.name} reaches ${member.reached} of ${member.members}.`, {
      suggestions,
    });
  }
  if (member.state !== 'ONLINE') {
    throw new ConflictError(`${node.name} is ${member.state}: the primary must be ONLINE.`, { suggestions });
  }
  const witnesses = cluster.nodes.filter(({ name }) => members.has(name));
  return {
    prepare: NOTHING,
    undo: NOTHING,
    turn: member.role === 'PRIMARY' ? NOTHING : turnPlan(setting, node, member, witnesses),
    cluster,
    loss: null,
    warnings: [],
  };
}

const NOTHING: Plan = { sequence: [] };

function turnPlan({ machine }: Setting, node: Node, { id }: Member, witnesses: readonly Node[]): Plan {
  const statement = `SELECT group_replication_set_as_primary('${id}')`;
  const turn = async (context: AskContext) => {
    await ask(rootAt(machine.reach(node.socket)), Math.max(context.deadline - Date.now(), ANSWER_TIMEOUT), (session) =>
      session.query(statement),
    );
    await Promise.all(witnesses.map((witness) => waitUntil(context, () => hasTurned(witness))));
  };
  const hasTurned = async (witness: Node) => {
    const { role } = await askMemberAt(machine, witness, ANSWER_TIMEOUT);
    const expected = witness.name === node.name ? 'PRIMARY' : 'SECONDARY';
    return role === expected ? null : `${witness.name} says that it is ${role}`;
  };
  return {
    title: `let the group make ${node.name} its primary`,
    sequence: [askStep(`make ${node.name} the primary`, node, statement, turn)],
  };
}
