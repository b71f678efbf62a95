import type { ClusterEvent } from '../cluster/event.js';
import { localMachine, type Context } from '../lifecycle/context.js';
import { watchCluster, type Watch } from '../lifecycle/watch/watch.js';
import { mailbox } from './mailbox.js';
import { mergePast } from './past.js';

export interface EventsRequest {
  /** Milliseconds back from now. Absent: all that is known, or with `follow` nothing of the past. */
  readonly since?: number | undefined;
  /** Goes on with what happens, until the cluster is gone or the signal is aborted. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The machine that dbns runs on when it is not said. */
  readonly machine?: Context['machine'] | undefined;
}

/** ms between two looks at every node. */
const LOOK = 250;

/**
 * What happened to a cluster, and with `follow` what happens: what dbns does, as it is recorded, and what becomes of the nodes.
 * For the past that is read out of the servers' logs; while somebody listens each node is asked every 250 ms. An abort ends
 * it without an error.
 * @param name the only cluster when undefined
 * @throws NotFoundError, UsageError, MachineError.
 */
export async function* events(
  name: string | undefined,
  { since, follow = false, signal = new AbortController().signal, machine = localMachine }: EventsRequest = {},
): AsyncGenerator<ClusterEvent, void> {
  const watch = await watchCluster(machine, name);
  if (!follow || since !== undefined) {
    const from = since === undefined ? -Infinity : Date.now() - since;
    yield* mergePast(watch.past()).filter(({ at }) => Date.parse(at) >= from);
  }
  if (follow) yield* happening(watch, signal);
}

/** Until the signal is aborted, or the cluster is gone. */
async function* happening(watch: Watch, signal: AbortSignal): AsyncGenerator<ClusterEvent, void> {
  const box = mailbox<ClusterEvent>();
  let due = 0;
  for (let isThere = true; isThere && !signal.aborted;) {
    if (performance.now() >= due) {
      due = performance.now() + LOOK;
      isThere = await watch.look((seen) => {
        box.put(seen);
      });
    }
    yield* await box.take(isThere ? Math.max(0, due - performance.now()) : 0, signal);
  }
}
