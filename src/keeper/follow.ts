import type { Cluster } from '../cluster/cluster.js';
import { exposureName } from '../cluster/rules.js';
import { messageOf } from '../errors/errors.js';
import type { Machine } from '../host/machine.js';
import { leadCompanion } from '../lifecycle/keeping/companion.js';
import type { Duties } from '../lifecycle/keeping/duties.js';
import { leadExposures } from '../lifecycle/keeping/lead-exposures.js';
import { leadsNow } from '../lifecycle/keeping/leads-now.js';
import { routesNow } from '../lifecycle/keeping/routes-now.js';
import { recordOfKeeper } from '../lifecycle/record.js';
import type { Leads } from '../topologies/routes.js';
import type { Kept } from './kept.js';
import { patience } from './patience.js';

/** ms from one question to all servers to the next, and that each has to answer. */
const ASK = 400;
const ANSWER_TIMEOUT = 800;

/** Leads what follows the servers' roles where they say that it belongs. */
export function follower(machine: Machine) {
  const patient = patience();
  let next = 0;
  let last: Kept = new Map();
  return {
    /** Asks the servers when it is time for that. */
    async follow(cluster: Cluster, duties: Duties): Promise<Kept> {
      if (duties.following.length + duties.companions.length === 0) return new Map();
      if (Date.now() < next) return last;
      try {
        const now = await routesNow(machine, cluster, ANSWER_TIMEOUT);
        const leads = await leadsNow(machine, cluster, { ...now, found: patient(now) });
        last = await leadAll(machine, cluster, duties, leads);
      } catch (error) {
        const names = [...duties.following.map(exposureName), ...duties.companions.map(({ name }) => name)];
        last = new Map(names.map((name) => [name, messageOf(error)]));
      }
      next = Date.now() + ASK;
      return last;
    },
  };
}

async function leadAll(machine: Machine, cluster: Cluster, duties: Duties, leads: Leads): Promise<Kept> {
  await leadPorts(machine, cluster, duties, leads.writer);
  const companions = duties.companions.map(async (companion) => {
    const amiss = await leadCompanion(machine, cluster, companion, leads).then(() => null, messageOf);
    return [companion.name, amiss] as const;
  });
  return new Map(await Promise.all(companions));
}

async function leadPorts(machine: Machine, { name }: Cluster, { following }: Duties, writer: string | null) {
  if (!(await leadExposures(machine, { name }, following, writer))) return;
  const ports = following.map(exposureName).join(', ');
  await recordOfKeeper(machine, name, { verb: 'lead', about: `${ports} to ${writer ?? ''}` });
}
