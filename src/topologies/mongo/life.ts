import type { Cluster, Made, Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { has } from '../../servers/mongod/capabilities.js';
import { ask } from '../../servers/mongod/client.js';
import { inRolesOf } from '../anew.js';
import { askStep } from '../ask-step.js';
import type { Life } from '../recovery.js';
import { serverOf, type Setting } from '../topology.js';
import { recover } from './recover.js';
import { routersOf, setsOf, type ReplicaSet } from './replica-set.js';
import { CONFIG_SERVERS, ROUTERS, settingsOf, withPrimaries, wordsOf } from './settings.js';
import { targetOf } from './target.js';

export const life: Life = { stopOrder, beforeStop, afterStop: () => null, anew, isPutOut: () => false, recover };

/** Who asks others stops before them: routers, shards, config servers; in each set the primary last. */
function stopOrder(cluster: Cluster): readonly (readonly Node[])[] {
  const sets = setsOf(cluster);
  const isConfig = ({ group }: ReplicaSet) => group === CONFIG_SERVERS;
  const batches = [
    routersOf(cluster),
    ...primaryLast(sets.filter((set) => !isConfig(set))),
    ...primaryLast(sets.filter(isConfig)),
  ];
  return batches.filter((batch) => batch.length > 0);
}

/** A set in which nobody is the primary, for its own was removed and no other was elected, has the first that can be it. */
function anew(cluster: Cluster, made: Made): Cluster {
  const settings = wordsOf(settingsOf(cluster), (name) => cluster.nodes.some((node) => node.name === name));
  const nodes = inRolesOf(made, cluster.nodes);
  const led = new Set(nodes.filter(({ role }) => role === 'primary').map(({ group }) => group));
  const leaderless = nodes.filter(({ group }) => !led.has(group));
  const chosen = new Map(withPrimaries(leaderless, settings).map((node) => [node.name, node]));
  return { ...cluster, settings, nodes: nodes.map((node) => chosen.get(node.name) ?? node) };
}

function primaryLast(sets: readonly ReplicaSet[]): readonly (readonly Node[])[] {
  const members = sets.flatMap((set) => set.members);
  const isPrimary = ({ role }: Node) => role === 'primary';
  return [members.filter((node) => !isPrimary(node)), members.filter(isPrimary)];
}

/** Milliseconds that a primary has to hand over: a secondary that has all it wrote takes over at once. */
const HAND_OVER = 1000;
/** Milliseconds for an answer; who gives none has the server's own patience. */
const ANSWER_TIMEOUT = 2000;

/**
 * From 5.0 on a server serves for 15 s after a SIGTERM whomever it has, and a primary looks that long for who takes over.
 * Source: the manual's "shutdownTimeoutMillisForSignaledShutdown"; it is not kept for the next start.
 */
function beforeStop(setting: Setting, node: Node): Plan | null {
  const { build } = serverOf(setting, node);
  if (!has(build, 'quiesces')) return null;
  const parameter =
    node.group === ROUTERS
      ? 'mongosShutdownTimeoutMillisForSignaledShutdown'
      : 'shutdownTimeoutMillisForSignaledShutdown';
  const command = { setParameter: 1, [parameter]: node.role === 'primary' ? HAND_OVER : 0 };
  return askStep(`let ${node.name} end soon`, node, JSON.stringify(command), async ({ signal, deadline }) => {
    const timeout = Math.min(ANSWER_TIMEOUT, Math.max(1, deadline - Date.now()));
    // An arbiter with --auth refuses, for it knows no accounts; it ends all the same, later.
    await ask(targetOf(setting, node), timeout, (session) => session.admin(command), signal).catch(() => undefined);
    signal.throwIfAborted();
  });
}
