import type { Cluster } from '../cluster/cluster.js';
import { isInForce, type Fault } from '../cluster/fault.js';
import { messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { undo } from '../lifecycle/faults/undo.js';
import { recordOfKeeper } from '../lifecycle/record.js';
import { contextOf } from './context.js';
import type { Kept } from './kept.js';

/** ms that a server may take to start which a fault had killed. */
const START = 60_000;

/** Ends faults when their time is up. What can't be undone now, as long as another verb is at work, is tried again. */
export function faultEnder(machine: Machine) {
  const amiss = new Map<string, string>();
  let work: Promise<void> | null = null;
  return {
    /** Nobody waits for it: servers that start take their time. */
    end(cluster: Cluster, ending: readonly Fault[]): Kept {
      const now = machine.now();
      const due = ending.filter((fault) => !isInForce(fault, now));
      if (due.length > 0) work ??= undoAll(machine, cluster, due, amiss).finally(() => (work = null));
      return new Map(ending.map(({ id }) => [id, amiss.get(id) ?? null]));
    },
  };
}

async function undoAll(
  machine: Machine,
  cluster: Cluster,
  due: readonly Fault[],
  amiss: Map<string, string>,
): Promise<void> {
  const context = contextOf(machine);
  for (const fault of due) {
    try {
      await undo(cluster, [fault], START, context);
      amiss.delete(fault.id);
      await recordOfKeeper(machine, cluster.name, { verb: 'heal', about: `${fault.id}, its time was up` });
    } catch (error) {
      amiss.set(fault.id, messageOf(error));
    }
  }
}
