import type { Cluster } from '../../cluster/cluster.js';
import { namedBy, type Fault } from '../../cluster/fault.js';
import { after } from '../../cluster/moment.js';
import type { Machine } from '../../host/machine.js';
import { changeRules } from '../ground/change-rules.js';
import { recorded } from '../record.js';

/** What all faults have that are asked for. */
export interface FaultRequest {
  /** The name of the cluster. */
  readonly cluster: string;
  /** Milliseconds until it ends by itself; null is: until it is healed. */
  readonly lasts: number | null;
}

/** What is a fault's own. */
type Own<T extends Fault> = T extends Fault ? Omit<T, 'kind' | 'id' | 'since' | 'until'> : never;

/**
 * Saves a fault, and makes the kernel go by it. It works while another verb is at work on the cluster.
 * @throws what `own` throws, with nothing changed.
 */
export async function beginFault<T extends Fault>(
  machine: Machine,
  { cluster: name, lasts }: FaultRequest,
  kind: T['kind'],
  own: (cluster: Cluster) => Own<T>,
): Promise<T> {
  const about = lasts === null ? {} : { about: `for ${lasts / 1000} s` };
  return recorded(machine, name, { verb: `fault ${kind}`, ...about, touched: namedBy }, () =>
    begin(machine, name, lasts, kind, own),
  );
}

async function begin<T extends Fault>(
  machine: Machine,
  name: string,
  lasts: number | null,
  kind: T['kind'],
  own: (cluster: Cluster) => Own<T>,
): Promise<T> {
  let begun: T | undefined;
  await changeRules(machine, name, (rules, cluster) => {
    const since = machine.now();
    const until = lasts === null ? null : after(since, lasts);
    const fault = { ...own(cluster), kind, id: `f${rules.nextFault}`, since, until } as unknown as T;
    begun = fault;
    return { ...rules, faults: [...rules.faults, fault], nextFault: rules.nextFault + 1 };
  });
  if (begun === undefined) throw new Error('no fault was made');
  return begun;
}
