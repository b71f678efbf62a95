import { hostsOf, type Cluster } from '../cluster/cluster.js';
import { hostsStep, netnsEtcDirectory } from '../network/hosts.js';
import { applyPlan } from './apply.js';
import type { Context } from './context.js';

/**
 * Writes the hosts files anew when somebody left. After a reboot there is nothing to write them to: the next start writes
 * all.
 */
export async function forgetNames(cluster: Cluster, context: Context): Promise<void> {
  const { machine } = context;
  const there = hostsOf(cluster).filter((host) => machine.files.exists(netnsEtcDirectory(machine, host)));
  const plan = { parallel: there.map((host) => hostsStep(machine, cluster, host)) };
  await applyPlan(plan, { ...context, signal: new AbortController().signal, deadline: Infinity });
}
