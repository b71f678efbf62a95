import type { ClusterEvent, Transition, VerbEvent } from '../../cluster/event.js';
import type { Machine } from '../../host/machine.js';
import { isBroken, readCluster } from '../../state/clusters.js';
import { eventReader } from '../../state/events.js';
import { topologyNamed } from '../../topologies/registry.js';
import { requireRoot } from '../context.js';
import { selectCluster } from '../select.js';
import { changesSeen } from './changes.js';
import { loggedTransitions, type Logged } from './logged.js';
import { looker } from './look.js';

/** What is known of a cluster's past. */
export interface Past {
  readonly recorded: readonly VerbEvent[];
  readonly logged: readonly Logged[];
}

/** A cluster whose events are listened to. */
export interface Watch {
  readonly name: string;
  past(): Past;
  /**
   * Looks at the cluster: verbs come that were recorded since the last look, and transitions as soon as they are seen, by
   * `onEvents`, also after it has returned. False when the cluster is gone.
   */
  look(onEvents: (events: readonly ClusterEvent[]) => void): Promise<boolean>;
}

/**
 * Begins to watch a cluster.
 * @throws NotFoundError; UsageError when several are there and none was named; MachineError.
 */
export async function watchCluster(machine: Machine, name: string | undefined): Promise<Watch> {
  requireRoot(machine, ['events', ...(name === undefined ? [] : [name])].join(' '));
  const cluster = await selectCluster(machine, name);
  const reader = eventReader(machine, cluster.name);
  const recorded = await reader.read();
  const look = looker(machine);
  const changes = changesSeen(topologyNamed(cluster.topology).transitions);
  return {
    name: cluster.name,
    past: () => ({ recorded, logged: loggedTransitions(machine, cluster) }),
    async look(onEvents) {
      const now = await readCluster(machine, cluster.name);
      if (now === null || (!isBroken(now) && now.id !== cluster.id)) return false;
      const tellRecorded = async () => {
        onEvents(await reader.read());
      };
      await tellRecorded();
      if (isBroken(now)) return true;
      look(now, (view) => {
        const moment = machine.now();
        const seen = changes.see(view, moment.uptime);
        const events = seen.map((change): Transition => ({
          kind: 'transition',
          from: 'server',
          ...moment,
          node: view.name,
          ...change,
        }));
        // What dbns did about it comes first.
        if (events.length > 0)
          void tellRecorded().then(() => {
            onEvents(events);
          });
      });
      return true;
    },
  };
}
