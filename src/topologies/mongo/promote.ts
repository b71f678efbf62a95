import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import { ConflictError, NotReadyError, UsageError } from '../../errors/errors.js';
import { ask, type Document } from '../../servers/mongod/client.js';
import { hello } from '../../servers/mongod/commands.js';
import { PORT } from '../../servers/mongod/pristine.js';
import { waitUntil } from '../../servers/wait.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import { askStep } from '../ask-step.js';
import { serverOf, type Promotion, type PromotionRequest, type Setting } from '../topology.js';
import { askMember, reaches, type Member } from './member.js';
import { dataMembers, setOfNode, type ReplicaSet } from './replica-set.js';
import { targetOf } from './target.js';

const memberOf = (setting: Setting, node: Node): Promise<Member> =>
  ask(targetOf(setting, node), ANSWER_TIMEOUT, (session) => askMember(session, node));

/** How long a member may take to say how it stands, and for a command, ms. */
const ANSWER_TIMEOUT = 2000;
const COMMAND_TIMEOUT = 30_000;
/** Seconds that a former primary waits for the others, and that members which are not meant don't stand for election. */
const STEP_DOWN = 60;

const NOTHING: Plan = { sequence: [] };

/**
 * The primary steps down when a secondary has all that it has, and meanwhile nobody but the node stands for election.
 * @throws UsageError, ConflictError, NotReadyError.
 */
export async function promote({ setting, node, force }: PromotionRequest): Promise<Promotion> {
  const { cluster } = setting;
  const set = setOfNode(cluster, node);
  if (set === null) throw new UsageError(`${node.name} is a router: primaries are members of a replica set.`);
  if (force) {
    throw new UsageError(
      'A replica set elects a primary by itself when the former one is dead: there is nothing to force.',
    );
  }
  const members = answersOf(await askNodes(set.members, (member) => memberOf(setting, member)));
  const suggestions = [`dbns status ${cluster.name}`];
  const own = members.get(node.name);
  if (own === undefined) throw new NotReadyError(`${node.name} does not answer.`, { suggestions });
  if (own.state === 'ARBITER' || own.priority === 0) {
    throw new UsageError(`${node.name} can't become primary: ${whyNever(own)}.`);
  }
  if (own.state !== 'PRIMARY' && own.state !== 'SECONDARY') {
    throw new ConflictError(`${node.name} is ${own.state}: a primary is made of a SECONDARY.`, { suggestions });
  }
  const former = set.members.find(({ name }) => members.get(name)?.state === 'PRIMARY');
  if (former === undefined) {
    throw new NotReadyError('The set has no primary: it elects one by itself when most of its votes are there.', {
      suggestions,
    });
  }
  return {
    ...(former.name === node.name
      ? { prepare: NOTHING, undo: NOTHING, turn: NOTHING }
      : plansOf(setting, set, former, node, members)),
    cluster: withPrimary(setting, set, node),
    loss: null,
    warnings: warningsOf(set, node, members),
  };
}

function whyNever({ state, delay, hidden }: Member): string {
  if (state === 'ARBITER') return 'it is an arbiter';
  if (delay !== null && delay > 0) return 'it is delayed';
  return hidden === true ? 'it is hidden' : 'its priority is 0';
}

/** Who has a higher priority takes over again as soon as it is there. */
function warningsOf({ members: nodes }: ReplicaSet, { name }: Node, members: ReadonlyMap<string, Member>) {
  const ours = members.get(name)?.priority ?? 0;
  const higher = nodes.filter((other) => (members.get(other.name)?.priority ?? 0) > ours);
  return higher.map((other) => `${other.name} has a higher priority than ${name}, and will take over again by itself.`);
}

/** The roles that are saved: by them a client without a node's name goes to the primary. */
function withPrimary({ cluster }: Setting, set: ReplicaSet, { name }: Node) {
  const roleOf = (node: Node) =>
    node.group !== set.group || node.role === 'arbiter' ? node.role : node.name === name ? 'primary' : 'secondary';
  return { ...cluster, nodes: cluster.nodes.map((node) => ({ ...node, role: roleOf(node) })) };
}

function plansOf(
  setting: Setting,
  set: ReplicaSet,
  former: Node,
  node: Node,
  members: ReadonlyMap<string, Member>,
): Pick<Promotion, 'prepare' | 'undo' | 'turn'> {
  const tell = (member: Node, command: Document) => async () => {
    await ask(targetOf(setting, member), COMMAND_TIMEOUT, (session) => session.admin(command));
  };
  const others = dataMembers(set).filter(({ name }) => name !== node.name && members.has(name));
  const bystanders = others.filter(({ name }) => name !== former.name);
  const freeze = (member: Node, seconds: number): Step =>
    askStep(
      `${seconds === 0 ? 'let' : 'keep'} ${member.name} ${seconds === 0 ? 'stand' : 'from standing'} for election`,
      member,
      `replSetFreeze ${seconds}`,
      tell(member, { replSetFreeze: seconds }),
    );
  return {
    prepare: {
      title: `wait until ${node.name} has what ${former.name} has`,
      sequence: [
        { parallel: bystanders.map((member) => freeze(member, STEP_DOWN)) },
        caughtUpStep(setting, former, node),
      ],
    },
    undo: { parallel: bystanders.map((member) => freeze(member, 0)) },
    turn: {
      title: `make ${node.name} the primary`,
      sequence: [
        askStep(
          `let ${former.name} step down in favour of ${node.name}`,
          former,
          `replSetStepDown ${STEP_DOWN}; ${node.name}: replSetStepUp; the others: replSetFreeze 0`,
          async (context) => {
            try {
              await stepDown(context, setting, former, node);
              await elect(context, setting, node);
            } finally {
              // Whatever came of it: whoever was kept from standing for election may do so again.
              await Promise.all(others.map((member) => tell(member, { replSetFreeze: 0 })().catch(() => undefined)));
            }
          },
        ),
        seenStep(setting, others, node),
      ],
    },
  };
}

function caughtUpStep(setting: Setting, former: Node, node: Node): Step {
  return askStep(`let ${node.name} come close`, node, 'has it applied what the primary has now?', async (context) => {
    const { optime } = await memberOf(setting, former);
    if (optime === null) return;
    await waitUntil(context, async () => {
      const own = await memberOf(setting, node);
      return reaches(own.optime, optime) ? null : `${node.name} is still behind ${former.name}`;
    });
  });
}

/** It takes no more writes, and steps down when a secondary that can be elected has them all: nothing is lost. */
async function stepDown({ deadline }: AskContext, setting: Setting, former: Node, node: Node): Promise<void> {
  const patience = Math.max(1, Math.min(STEP_DOWN - 1, Math.floor((deadline - Date.now()) / 1000)));
  const command = { replSetStepDown: STEP_DOWN, secondaryCatchUpPeriodSecs: patience };
  await ask(targetOf(setting, former), patience * 1000 + COMMAND_TIMEOUT, (session) => session.admin(command)).catch(
    async (error: unknown) => {
      // Until 4.0 it hangs up on everybody instead of answering.
      const { state } = await memberOf(setting, former);
      if (state === 'PRIMARY')
        throw new NotReadyError(`${former.name} did not step down for ${node.name}.`, { cause: error });
    },
  );
}

async function elect(context: AskContext, setting: Setting, node: Node): Promise<void> {
  await waitUntil(context, () =>
    ask(targetOf(setting, node), ANSWER_TIMEOUT, async (session) => {
      if ((await hello(session, serverOf(setting, node).build)).isWritablePrimary) return null;
      await session.admin({ replSetStepUp: 1 }).catch(() => undefined);
      return `${node.name} is not primary yet`;
    }),
  );
}

/** Whoever looks at the set next sees the new primary, whichever member is asked. */
function seenStep(setting: Setting, others: readonly Node[], node: Node): Step {
  return askStep(
    `let the others see that ${node.name} is primary`,
    node,
    'every member: whom does it see?',
    (context) =>
      Promise.all(
        others.map((member) =>
          waitUntil(context, async () => {
            const { primary } = await memberOf(setting, member);
            return primary === `${node.address}:${PORT}`
              ? null
              : `${member.name} does not see ${node.name} as primary yet`;
          }),
        ),
      ).then(() => undefined),
  );
}
