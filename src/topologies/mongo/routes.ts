import type { Cluster, Node } from '../../cluster/cluster.js';
import { readTitle } from '../../cluster/server.js';
import { ask as askAt } from '../../servers/mongod/client.js';
import { accountOf } from '../../servers/mongod/connection.js';
import { hello, type Greeting } from '../../servers/mongod/commands.js';
import { askNodes } from '../ask-nodes.js';
import { primariesFirst, type Route, type Routes, type Way } from '../routes.js';
import type { Asked } from '../topology.js';
import { shownMembers, routersOf } from './replica-set.js';
import { ROUTERS, settingsOf } from './settings.js';
import { targetOf } from './target.js';

export const routes: Routes = {
  entries,
  ask,
  whoAnswers,
  sign: () => null,
  protocol: 'mongodb',
  clientsFollow: true,
};

/** The routers, or the members that applications see. */
function entries(cluster: Cluster): readonly Node[] {
  const settings = settingsOf(cluster);
  return settings.shards === null ? shownMembers(settings, primariesFirst(cluster)) : routersOf(cluster);
}

async function ask(asked: Asked, nodes: readonly Node[], timeout: number) {
  return askNodes(nodes, (node) =>
    askAt(targetOf(asked, node), timeout, async (session) =>
      routeOf(await hello(session, readTitle(node.server)), node.group === ROUTERS),
    ),
  );
}

/** A server calls itself by the name of its machine, which is its node's. */
async function whoAnswers({ cluster, password }: Asked, { host, port }: Way, timeout: number): Promise<string> {
  const account = settingsOf(cluster).auth ? accountOf(password) : null;
  return askAt({ at: `${host}:${port}`, account }, timeout, async (session) => {
    const { host: said } = await session.admin({ serverStatus: 1 });
    return String(said).split(':')[0] ?? '';
  });
}

/** A router says of itself what a primary does, and leads reads to secondaries too. */
export function routeOf({ isWritablePrimary, isSecondary }: Greeting, isRouter: boolean): Route {
  const is = isRouter
    ? 'a router'
    : isWritablePrimary
      ? 'a primary'
      : isSecondary
        ? 'a secondary'
        : 'no member that serves';
  return { writes: isWritablePrimary, reads: isSecondary || (isRouter && isWritablePrimary), is, alarm: null };
}
