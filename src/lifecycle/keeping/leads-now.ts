import type { Cluster } from '../../cluster/cluster.js';
import type { Machine } from '../../host/machine.js';
import { leadsOf, type Leads } from '../../topologies/routes.js';
import { askCompanion } from './front.js';
import { loadDuties } from './duties.js';
import type { RoutesNow } from './routes-now.js';

/** ms that a companion has to say where it leads. */
const ANSWER_TIMEOUT = 400;

/**
 * Where clients are to be led. Of many that take writes it is the one where ports and proxies lead already: the keeper and a
 * verb may decide in the same moment, and nobody is led away from where the other led them.
 */
export async function leadsNow(
  machine: Machine,
  cluster: Cluster,
  { entries, found }: Pick<RoutesNow, 'entries' | 'found'>,
): Promise<Leads> {
  const takesWrites = [...found.values()].filter((said) => typeof said === 'object' && said.writes);
  return leadsOf(entries, found, takesWrites.length > 1 ? await writerBefore(machine, cluster) : null);
}

async function writerBefore(machine: Machine, cluster: Cluster): Promise<string | null> {
  const { following, companions } = loadDuties(machine, cluster);
  const asked = companions.map((companion) =>
    askCompanion(machine, cluster, companion, ANSWER_TIMEOUT).then(
      ({ writer }) => writer,
      () => null,
    ),
  );
  const led = [...following.map(({ leadsTo }) => leadsTo), ...(await Promise.all(asked))];
  return led.find((name) => name !== null) ?? null;
}
