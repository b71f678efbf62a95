import type { Node } from '../../cluster/cluster.js';
import type { AskContext } from '../../cluster/plan.js';
import type { Account, Session, Target } from '../../servers/mongod/client.js';
import { accountOf } from '../../servers/mongod/connection.js';
import { keyFileOf, keyOf, memberAccount } from '../../servers/mongod/key.js';
import { whenUp } from '../../servers/mongod/up.js';
import type { Asked } from '../topology.js';
import { ROUTERS, settingsOf } from './settings.js';

/** A node over its socket, as dbns asks it: a member by the key that members have, a router by the cluster's account. */
export function targetOf(asked: Asked, node: Node): Target {
  return { at: asked.machine.reach(node.socket), account: accountFor(asked, node) };
}

function accountFor({ machine, cluster, password }: Asked, node: Node): Account | null {
  if (!settingsOf(cluster).auth) return null;
  // A router keeps nothing of its own, and so knows no member.
  if (node.group === ROUTERS) return accountOf(password);
  return memberAccount(machine.files.read(keyFileOf(node)) ?? keyOf(cluster.id, password));
}

/** Asks a node over its socket, as its fellow members do, within the time that is left. */
export function onMember<T>(
  context: AskContext,
  asked: Asked,
  node: Node,
  question: (session: Session) => Promise<T>,
): Promise<T> {
  return whenUp(context, node, targetOf(asked, node), question);
}
