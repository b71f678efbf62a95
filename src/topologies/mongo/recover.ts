import type { Node } from '../../cluster/cluster.js';
import type { Ask, Plan, Step } from '../../cluster/plan.js';
import { ConflictError, UsageError } from '../../errors/errors.js';
import { hello } from '../../servers/mongod/commands.js';
import { waitUntil } from '../../servers/wait.js';
import { askStep } from '../ask-step.js';
import type { Recovery, RecoveryRequest } from '../recovery.js';
import { serverOf, type Setting } from '../topology.js';
import { reachStep } from './arrival.js';
import { loginStep } from './finish.js';
import { SERVING, askMember } from './member.js';
import { setsOf, type ReplicaSet } from './replica-set.js';
import { rollbackStep } from './rollback.js';
import { CONFIG_SERVERS, ROUTERS, settingsOf, votersOf } from './settings.js';
import { standing } from './stand.js';
import { startStep } from './start.js';
import { onMember } from './target.js';

/** A set, and which of its members are to be started. */
interface Comeback {
  readonly set: ReplicaSet;
  readonly starting: readonly Node[];
  /** Voters of it that run, or will. */
  readonly votes: readonly Node[];
  readonly voters: number;
}

/**
 * Config servers, then shards, then routers, for each asks those before it. A set knows its members from its own data,
 * and elects by itself.
 */
export function recover({ setting, starting, running, bootstrap }: RecoveryRequest): Promise<Recovery> {
  if (bootstrap !== null) {
    throw new UsageError(`--bootstrap ${bootstrap.name}: a replica set elects its primary by itself.`);
  }
  const up = [...running, ...starting];
  const routers = starting.filter(({ group }) => group === ROUTERS);
  assertConfigServers(setting, routers, up);
  const comebacks = setsOf(setting.cluster).flatMap((set) => comebackOf(setting, set, starting, up));
  const isConfig = ({ set }: Comeback) => set.group === CONFIG_SERVERS;
  const parts = [
    comebacks.filter(isConfig).map((comeback) => comebackPlan(setting, comeback)),
    comebacks.filter((comeback) => !isConfig(comeback)).map((comeback) => comebackPlan(setting, comeback)),
    routers.map((node) => routerPlan(setting, node)),
  ].filter((part) => part.length > 0);
  const plan: Plan = {
    title: `start ${starting.map(({ name }) => name).join(', ')}`,
    sequence: [...parts.map((parallel) => ({ parallel })), rollbackStep(setting.machine, starting)],
  };
  return Promise.resolve({
    notes: comebacks.map(noteOf),
    ways: starting.length === 0 ? [] : [{ title: 'by their own elections', plan, patience: null }],
    finish: { parallel: starting.map((node) => loginStep(setting, node)) },
  });
}

/**
 * A router without config servers waits for them, and answers nobody.
 * @throws ConflictError
 */
export function assertConfigServers({ cluster }: Setting, routers: readonly Node[], up: readonly Node[]): void {
  if (routers.length === 0 || up.some(({ group }) => group === CONFIG_SERVERS)) return;
  const names = routers.map(({ name }) => name).join(', ');
  throw new ConflictError(`${names}: a router comes up when a config server runs, and none does.`, {
    suggestions: [`dbns start ${cluster.name} --group ${CONFIG_SERVERS}`],
  });
}

function comebackOf(
  { cluster }: Setting,
  set: ReplicaSet,
  starting: readonly Node[],
  up: readonly Node[],
): readonly Comeback[] {
  const mine = starting.filter(({ group }) => group === set.group);
  if (mine.length === 0) return [];
  const voters = votersOf(settingsOf(cluster), set.members);
  const votes = set.members.filter(({ name }) => voters.has(name) && up.some((node) => node.name === name));
  return [{ set, starting: mine, votes, voters: voters.size }];
}

const canElect = ({ votes, voters }: Comeback): boolean => votes.length * 2 > voters;

function noteOf(comeback: Comeback): string {
  const { set, votes, voters } = comeback;
  if (canElect(comeback)) return `${set.name} elects its primary by itself.`;
  const present = votes.length === 0 ? 'none' : votes.map(({ name }) => name).join(', ');
  return `${set.name} can elect no primary, and takes no writes. There of its ${voters} voters: ${present}.`;
}

function comebackPlan(setting: Setting, comeback: Comeback): Plan {
  const { set, starting } = comeback;
  const elects = canElect(comeback);
  return {
    sequence: [
      {
        parallel: starting.map((node) => ({
          sequence: [startStep(setting, node), memberStep(setting, set, node, elects)],
        })),
      },
      ...(elects ? [reachStep(setting, set, starting)] : []),
    ],
  };
}

function memberStep(setting: Setting, { name, first }: ReplicaSet, node: Node, elects: boolean): Step {
  const stand = node.name === first.name ? standing() : () => Promise.resolve();
  return askStep(
    `wait until ${node.name} is a member of ${name}${elects ? ', which has a primary' : ''}`,
    node,
    `replSetGetStatus${elects && node.name === first.name ? '; replSetStepUp once a second while there is none' : ''}`,
    (context) =>
      onMember(context, setting, node, (session) =>
        waitUntil(context, async () => {
          const { state, primary } = await askMember(session, node);
          if (!SERVING.has(state)) return `${node.name} is ${state}`;
          if (!elects || primary !== null) return null;
          await stand(session);
          return `${node.name} sees no primary of ${name} yet`;
        }),
      ),
  );
}

/** It answers. */
export function routerPlan(setting: Setting, node: Node): Plan {
  const { build } = serverOf(setting, node);
  const greet: Ask = async (context) => {
    await onMember(context, setting, node, (session) => hello(session, build));
  };
  return { sequence: [startStep(setting, node), askStep(`wait until ${node.name} answers`, node, 'hello', greet)] };
}
