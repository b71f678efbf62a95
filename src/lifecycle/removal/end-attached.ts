import { isCommand, type Attached, type Cluster } from '../../cluster/cluster.js';
import { endProcess, wake } from '../../process/end.js';
import { pidOf } from '../attached.js';
import type { Context } from '../context.js';
import { takeOff } from './detach.js';

/**
 * Takes what is attached off the network. What dbns started is asked to end before, and has `timeout` ms for it; nothing
 * is done to what it did not start.
 */
export async function endAttached(
  cluster: Cluster,
  host: Attached,
  timeout: number,
  { machine, observer, signal }: Context,
): Promise<{ readonly left: Cluster; readonly outcome: 'detached' | 'stopped' | 'killed' }> {
  const pid = isCommand(host) ? pidOf(machine, host) : null;
  if (pid === null) return { left: await takeOff(machine, cluster, host), outcome: 'detached' };
  wake(machine, host.namespace);
  const outcome = await endProcess(machine, pid, Date.now() + timeout, signal);
  if (outcome === 'killed') observer.warned?.(`${host.name} did not end in ${timeout / 1000} s: it was killed.`);
  return { left: await takeOff(machine, cluster, host), outcome };
}
