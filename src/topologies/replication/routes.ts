import type { Cluster, Node } from '../../cluster/cluster.js';
import { isError } from '../../errors/errors.js';
import { answersOf } from '../ask-nodes.js';
import { mysqldAnswers } from '../mysqld-answers.js';
import type { Route, Routes } from '../routes.js';
import type { Asked } from '../topology.js';
import { askStates } from './health.js';
import { splitIn } from './part.js';
import { isPartial, roleIn, settingsOf, type ReplicationSettings } from './settings.js';
import { MANY_SOURCES, MANY_WRITERS } from './shapes.js';
import type { NodeState } from './state.js';

export const routes: Routes = {
  entries,
  ask,
  whoAnswers: mysqldAnswers,
  sign: (cluster) => (MANY_SOURCES.has(settingsOf(cluster).shape) ? null : 'read_only'),
  protocol: 'mysql',
  clientsFollow: false,
};

/** A replica that is late or has not all data serves when no other does. */
function entries(cluster: Cluster): readonly Node[] {
  const settings = settingsOf(cluster);
  const rank = ({ name }: Node) => (roleIn(settings, name) === 'primary' ? 0 : isPartial(settings, name) ? 2 : 1);
  return [...cluster.nodes].sort((a, b) => rank(a) - rank(b));
}

async function ask({ machine, cluster }: Asked, nodes: readonly Node[], timeout: number) {
  const settings = settingsOf(cluster);
  const states = await askStates(machine, nodes, timeout);
  const split = splitIn(cluster, answersOf(states));
  return new Map(
    [...states].map(([name, state]) => [
      name,
      isError(state) ? state : routeOf(state, settings, split.get(name) ?? null),
    ]),
  );
}

/** A replica that nobody keeps from writing is a replica all the same: what is written there is nowhere else. */
export function routeOf(
  { channels, readOnly }: Pick<NodeState, 'channels' | 'readOnly'>,
  { shape }: Pick<ReplicationSettings, 'shape'>,
  alarm: string | null,
): Route {
  if (MANY_WRITERS.has(shape)) {
    return { writes: !readOnly, reads: true, is: readOnly ? 'read-only' : 'a primary', alarm };
  }
  if (channels.length === 0) {
    return { writes: !readOnly, reads: false, is: readOnly ? 'read-only, and no replica' : 'a primary', alarm };
  }
  const applies = channels.every(({ applier }) => applier === 'Yes');
  return { writes: false, reads: applies, is: applies ? 'a replica' : 'a replica that does not apply', alarm };
}
