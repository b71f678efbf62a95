import type { Node } from '../../cluster/cluster.js';
import { isError } from '../../errors/errors.js';
import { answersOf, askNodes } from '../ask-nodes.js';
import { mysqldAnswers } from '../mysqld-answers.js';
import { primariesFirst, type Route, type Routes } from '../routes.js';
import type { Asked } from '../topology.js';
import { askViewAt, splitIn } from './health.js';
import { hasQuorum, type View } from './member.js';
import { settingsOf } from './settings.js';

export const routes: Routes = {
  entries: primariesFirst,
  ask,
  whoAnswers: mysqldAnswers,
  sign: (cluster) => (settingsOf(cluster).multiPrimary ? null : 'super_read_only'),
  protocol: 'mysql',
  clientsFollow: false,
};

async function ask({ machine, cluster }: Asked, nodes: readonly Node[], timeout: number) {
  const { multiPrimary } = settingsOf(cluster);
  const views = await askNodes(nodes, (node) => askViewAt(machine, node, timeout));
  const split = splitIn(answersOf(views));
  return new Map(
    [...views].map(([name, view]) => [
      name,
      isError(view) ? view : routeOf(view, multiPrimary, split.get(name) ?? null),
    ]),
  );
}

/** Without a quorum nothing that is written is ever agreed on, and what is read may be of long ago. */
export function routeOf(view: View, multiPrimary: boolean, alarm: string | null): Route {
  const nothing = { writes: false, reads: false, alarm };
  if (view.state !== 'ONLINE') return { ...nothing, is: view.state };
  if (hasQuorum(view) === false) return { ...nothing, is: 'without a quorum' };
  const isPrimary = view.role === 'PRIMARY';
  if (isPrimary && view.readOnly) return { ...nothing, is: 'a primary that is read-only' };
  return {
    writes: isPrimary,
    reads: !isPrimary || multiPrimary,
    is: isPrimary ? 'a primary' : 'a secondary',
    alarm,
  };
}
