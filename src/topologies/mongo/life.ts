import type { Cluster, Node } from '../../cluster/cluster.js';
import type { Plan } from '../../cluster/plan.js';
import { has } from '../../servers/mongod/capabilities.js';
import { ask } from '../../servers/mongod/client.js';
import { askStep } from '../ask-step.js';
import type { Life } from '../recovery.js';
import { serverOf, type Setting } from '../topology.js';
import { recover } from './recover.js';
import { routersOf, setsOf, type ReplicaSet } from './replica-set.js';
import { CONFIG_SERVERS, ROUTERS } from './settings.js';
import { targetOf } from './target.js';

export const life: Life = { stopOrder, beforeStop, afterStop: () => null, isPutOut: () => false, recover };

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
