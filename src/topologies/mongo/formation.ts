import type { Node } from '../../cluster/cluster.js';
import type { AskContext, Plan, Step } from '../../cluster/plan.js';
import { codeOf, type Session, type Target } from '../../servers/mongod/client.js';
import { hello } from '../../servers/mongod/commands.js';
import { keyOf, memberAccount } from '../../servers/mongod/key.js';
import { optionWords } from '../../servers/mongod/options.js';
import { PRISTINE_ADDRESS } from '../../servers/mongod/pristine.js';
import { whenUp } from '../../servers/mongod/up.js';
import { serverArgv, spawnStep } from '../../servers/start.js';
import { assertRuns, waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import { serverOf, type Formation, type Setting } from '../topology.js';
import { TIMINGS, configOf, routersOf, setsOf, type ReplicaSet } from './replica-set.js';
import { settingsOf } from './settings.js';

/** All servers at once; each set is told its members by force, for its clones are members of another set, each alone. */
export function formations(setting: Setting): readonly Formation[] {
  const { cluster } = setting;
  const sets = setsOf(cluster);
  const count = cluster.nodes.length;
  const plan: Plan = {
    title: `start ${count} ${count === 1 ? 'node' : 'nodes'} and let them form ${sets.length === 1 ? 'a replica set' : `${sets.length} replica sets`}`,
    parallel: [
      ...sets.map((set) => formPlan(setting, set)),
      ...routersOf(cluster).map((node) => startRouter(setting, node)),
    ],
  };
  return [{ title: 'by a forced configuration', plan, patience: null }];
}

function formPlan(setting: Setting, set: ReplicaSet): Plan {
  return {
    sequence: [
      { parallel: set.members.map((node) => ({ sequence: [addressStep(set, node), start(setting, node)] })) },
      configureStep(setting, set),
    ],
  };
}

/** The address of the pristine set: the first node has it, and the others are refused at once when they look for it. */
function addressStep({ first }: ReplicaSet, node: Node): Step {
  const isFirst = node.name === first.name;
  const words = isFirst
    ? ['address', 'add', `${PRISTINE_ADDRESS}/32`, 'dev', 'lo']
    : ['route', 'add', 'unreachable', `${PRISTINE_ADDRESS}/32`];
  return {
    step: `${isFirst ? 'give' : 'keep'} the address of the pristine set ${isFirst ? 'to' : 'from'} ${node.name}`,
    acts: [{ do: 'run', argv: ['ip', '-n', node.namespace, ...words] }],
  };
}

/** The same, taken back. */
export function forgetAddressStep({ first }: ReplicaSet, node: Node): Step {
  const words =
    node.name === first.name
      ? ['address', 'delete', `${PRISTINE_ADDRESS}/32`, 'dev', 'lo']
      : ['route', 'delete', 'unreachable', `${PRISTINE_ADDRESS}/32`];
  return {
    step: `forget the address of the pristine set on ${node.name}`,
    acts: [{ do: 'run', argv: ['ip', '-n', node.namespace, ...words] }],
  };
}

function start(setting: Setting, node: Node): Step {
  const server = serverOf(setting, node);
  return spawnStep(
    node,
    serverArgv(setting.machine, node, server, [
      ...[server.build.programs.server ?? '', '--config', `${node.directory}/mongod.conf`],
      ...optionWords(setting.cluster.options),
    ]),
  );
}

function startRouter(setting: Setting, node: Node): Step {
  const server = serverOf(setting, node);
  const command = [server.build.programs.router ?? '', '--config', `${node.directory}/mongos.conf`];
  return spawnStep(node, serverArgv(setting.machine, node, server, command));
}

function configureStep(setting: Setting, set: ReplicaSet): Step {
  const { first, members } = set;
  const config = configOf(set, settingsOf(setting.cluster), (node) => serverOf(setting, node).build, TIMINGS.forming);
  return askStep(
    `make ${first.name} the primary of ${set.name}`,
    first,
    `replSetReconfig of ${members.length} members, by force; replSetStepUp; is it a writable primary?`,
    (context) =>
      whenUp(context, first, memberTarget(setting, first), async (session) => {
        await configure(context, first, session, { ...config, version: 1 });
        await becomePrimary(context, setting, first, session);
      }),
  );
}

/** A node as its fellow members reach it. */
export function memberTarget({ cluster, password }: Setting, node: Node): Target {
  const account = settingsOf(cluster).auth ? memberAccount(keyOf(cluster.id, password)) : null;
  return { at: node.socket, account };
}

/** In its first moments a member has no configuration that could be replaced. */
const NOT_YET_INITIALIZED = 94;

async function configure(context: AskContext, first: Node, session: Session, config: object): Promise<void> {
  await waitUntil(context, async () => {
    assertRuns(context, first.name);
    try {
      await session.admin({ replSetReconfig: config, force: true });
      return null;
    } catch (error) {
      if (codeOf(error) === NOT_YET_INITIALIZED) return `${first.name} has not read its configuration yet`;
      throw error;
    }
  });
}

async function becomePrimary(context: AskContext, setting: Setting, first: Node, session: Session): Promise<void> {
  const { build } = serverOf(setting, first);
  await waitUntil(context, async () => {
    assertRuns(context, first.name);
    if ((await hello(session, build)).isWritablePrimary) return null;
    await session.admin({ replSetStepUp: 1 }).catch(() => undefined);
    return `${first.name} is not primary yet`;
  });
}
