import type { Node } from '../../cluster/cluster.js';
import { isError } from '../../errors/errors.js';
import { ask as askAt, rootAt, variables } from '../../servers/mysqld/client.js';
import { mysqldAnswers } from '../mysqld-answers.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import { primariesFirst, type Route, type Routes } from '../routes.js';
import type { Asked } from '../topology.js';
import { splitIn } from './health.js';

export const routes: Routes = {
  entries: primariesFirst,
  ask,
  whoAnswers: mysqldAnswers,
  sign: () => 'wsrep',
  protocol: 'mysql',
  clientsFollow: false,
};

const STATEMENT = `SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_local_state_comment', 'wsrep_cluster_status', 'wsrep_incoming_addresses')`;

async function ask({ machine, cluster }: Asked, nodes: readonly Node[], timeout: number) {
  const said = await askNodes(nodes, (node) =>
    askAt(rootAt(machine.reach(node.socket)), timeout, async (session) => {
      const [readOnly] = await session.query('SELECT @@GLOBAL.read_only AS value');
      return { ...variables(await session.query(STATEMENT)), readOnly: String(readOnly?.value) };
    }),
  );
  const split = splitIn(cluster, answersOf(said));
  return new Map(
    [...said].map(([name, words]) => [name, isError(words) ? words : routeOf(words, split.get(name) ?? null)]),
  );
}

/** A node that is ready takes statements; one that is not refuses them all. */
export function routeOf(said: Readonly<Record<string, string>>, alarm: string | null): Route {
  if (said.wsrep_ready !== 'ON') {
    const state = said.wsrep_local_state_comment ?? 'no member of a cluster';
    return { writes: false, reads: false, is: `not ready (${state})`, alarm };
  }
  const writes = said.readOnly !== '1';
  return { writes, reads: true, is: writes ? 'a member' : 'a member that is read-only', alarm };
}
