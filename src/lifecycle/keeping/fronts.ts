import type { Cluster } from '../../cluster/cluster.js';
import { wake } from '../../process/end.js';
import { findServers } from '../../process/find.js';
import type { Application } from '../apply.js';
import { bringUpCompanion, leadNow } from './companion.js';
import { loadDuties } from './duties.js';
import { ensureKeeper } from './keeper.js';
import { leadExposures } from './lead-exposures.js';
import { leadsNow } from './leads-now.js';
import { routesNow } from './routes-now.js';

/** ms that servers have to answer which have just come up. */
const ANSWER_TIMEOUT = 2000;

/**
 * Lets whoever stands in front of a cluster, proxies and ports of the machine, lead where it belongs now, and returns when it
 * does; proxies that do not run are started. The keeper would see to the others in a moment. Under the cluster's lock.
 * @throws NotReadyError with a proxy's own reason.
 */
export async function leadFronts(cluster: Cluster, application: Application): Promise<void> {
  const { machine } = application;
  await ensureKeeper(machine, cluster.name);
  const { following } = loadDuties(machine, cluster);
  if (following.length > 0) {
    const { writer } = await leadsNow(machine, cluster, await routesNow(machine, cluster, ANSWER_TIMEOUT));
    await leadExposures(machine, cluster, following, writer);
  }
  const companions = cluster.companions.filter(({ phase }) => phase === 'added');
  const spaces = companions.map(({ namespace }) => namespace);
  for (const namespace of spaces) wake(machine, namespace);
  const servers = findServers(machine, spaces);
  for (const companion of companions) {
    const runs = servers.get(companion.namespace)?.state === 'running';
    await (runs ? leadNow : bringUpCompanion)(cluster, companion, application);
  }
}
