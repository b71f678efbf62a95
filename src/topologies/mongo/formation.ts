import { setTimeout as sleep } from 'node:timers/promises';
import type { Node } from '../../cluster/cluster.js';
import type { Act, AskContext, Plan, Step } from '../../cluster/plan.js';
import { NotReadyError, messageOf } from '../../errors/errors.js';
import { codeOf, type Session } from '../../servers/mongod/client.js';
import { hello } from '../../servers/mongod/commands.js';
import { PRISTINE_ADDRESS } from '../../servers/mongod/pristine.js';
import { whenUp } from '../../servers/mongod/up.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import { serverOf, type Formation, type Setting } from '../topology.js';
import { askMember } from './member.js';
import { TIMINGS, configOf, routersOf, setsOf, type ReplicaSet } from './replica-set.js';
import { taggedSettings } from './settings.js';
import { startStep } from './start.js';
import { targetOf } from './target.js';

/** All servers at once; each set is told its members by force, for its clones are members of another set, each alone. */
export function formations(setting: Setting): readonly Formation[] {
  const { cluster } = setting;
  const sets = setsOf(cluster);
  const count = cluster.nodes.length;
  const plan: Plan = {
    title: `start ${count} ${count === 1 ? 'node' : 'nodes'} and let them form ${sets.length === 1 ? 'a replica set' : `${sets.length} replica sets`}`,
    parallel: [
      ...sets.map((set) => formPlan(setting, set)),
      ...routersOf(cluster).map((node) => startStep(setting, node)),
    ],
  };
  return [{ title: 'by a forced configuration', plan, patience: null }];
}

/**
 * The first is primary of the pristine set at once, and takes writes two seconds later: twice its applier waits a second
 * in vain. The others learn of their set with its first heartbeat, and from their own start on look for a source once a
 * second, which they find when the primary has written something. So they start in the middle of its first second: a
 * second after they are there, it is just ready.
 */
export function formPlan(setting: Setting, set: ReplicaSet): Plan {
  const others = set.members.filter(({ name }) => name !== set.first.name);
  const later: Plan = { sequence: [laterStep(set), { parallel: others.map((node) => startStep(setting, node)) }] };
  return {
    sequence: [
      { parallel: set.members.map((node) => addressStep(set, node)) },
      startStep(setting, set.first),
      configureStep(setting, set),
      { parallel: [primaryStep(setting, set), ...(others.length === 0 ? [] : [later])] },
    ],
  };
}

/** Milliseconds after the first has its configuration: with the half second that a mongod takes to start, a second. */
const OTHERS_LATER = 600;

function laterStep({ first, name }: ReplicaSet): Step {
  return {
    step: `let ${first.name} be ahead of the others of ${name}`,
    acts: [
      {
        do: 'ask',
        what: `nobody, for ${OTHERS_LATER} ms: whoever starts earlier looks for a source too early, and a second later`,
        async ask({ signal }) {
          await sleep(OTHERS_LATER, undefined, { signal }).catch(() => undefined);
          signal.throwIfAborted();
        },
      },
    ],
  };
}

/**
 * The address of the pristine set: the first node has it, and the others are refused at once when they look for it. Whoever
 * was killed half way may have left it there.
 */
function addressStep(set: ReplicaSet, node: Node): Step {
  const whose = node.name === set.first.name ? `give ${node.name}` : `keep from ${node.name}`;
  return { step: `${whose} the address of the pristine set`, acts: [addressAct(set, node, 'replace')] };
}

/** The same, taken back. */
export function forgetAddressStep(set: ReplicaSet, node: Node): Step {
  return {
    step: `forget the address of the pristine set on ${node.name}`,
    acts: [addressAct(set, node, 'delete')],
  };
}

function addressAct({ first }: ReplicaSet, { name, namespace }: Node, verb: 'replace' | 'delete'): Act {
  const address = `${PRISTINE_ADDRESS}/32`;
  const words = name === first.name ? ['address', verb, address, 'dev', 'lo'] : ['route', verb, 'unreachable', address];
  return { do: 'run', argv: ['ip', '-n', namespace, ...words] };
}

function configureStep(setting: Setting, set: ReplicaSet): Step {
  const { first, members } = set;
  const serverOfNode = (node: Node) => serverOf(setting, node).build;
  const config = configOf(set, taggedSettings(setting.cluster), serverOfNode, TIMINGS.forming);
  return askStep(
    `tell ${first.name} the members of ${set.name}`,
    first,
    `replSetReconfig of ${members.length} members, by force`,
    (context) =>
      whenUp(context, first, targetOf(setting, first), (session) =>
        configure(context, first, session, { ...config, version: 1 }),
      ),
  );
}

function primaryStep(setting: Setting, { first, name }: ReplicaSet): Step {
  return askStep(
    `wait until ${first.name} is the primary of ${name}`,
    first,
    'does it take writes? Else replSetStepUp, unless it is elected already',
    (context) =>
      whenUp(context, first, targetOf(setting, first), (session) => becomePrimary(context, setting, first, session)),
  );
}

/** In its first moments a member has no configuration that could be replaced. */
const NOT_YET_INITIALIZED = 94;

async function configure(context: AskContext, first: Node, session: Session, config: object): Promise<void> {
  await waitUntil(context, async () => {
    try {
      await session.admin({ replSetReconfig: config, force: true });
      return null;
    } catch (error) {
      if (codeOf(error) === NOT_YET_INITIALIZED) return `${first.name} has not read its configuration yet`;
      throw new NotReadyError(`${first.name} refuses its configuration: ${messageOf(error)}`, { cause: error });
    }
  });
}

/** Whoever is elected already is not asked to stand again: it takes writes when it has applied all that it has. */
async function becomePrimary(context: AskContext, setting: Setting, first: Node, session: Session): Promise<void> {
  const { build } = serverOf(setting, first);
  await waitUntil(context, async () => {
    if ((await hello(session, build)).isWritablePrimary) return null;
    const { state } = await askMember(session, first);
    if (state !== 'PRIMARY') await session.admin({ replSetStepUp: 1 }).catch(() => undefined);
    return `${first.name} is ${state}, and takes no writes yet`;
  });
}
