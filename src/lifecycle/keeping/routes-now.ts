import type { Cluster, Node } from '../../cluster/cluster.js';
import { isError, messageOf } from '../../errors/errors.js';
import type { Machine } from '../../host/machine.js';
import { findServers } from '../../process/find.js';
import { loadPassword } from '../../state/clusters.js';
import { withLastRoles } from '../../state/roles.js';
import { topologyNamed } from '../../topologies/registry.js';
import type { Route } from '../../topologies/routes.js';
import { processOf } from '../node-process.js';

/** What an entry answered; one that did not is what it is instead: `stopped`, `dead`, `unresponsive (no answer in 2000 ms)` … */
export type Found = Route | string;

/** Where clients come in to a cluster, in the order in which they are tried. */
export interface RoutesNow {
  readonly entries: readonly Node[];
  /** By name. */
  readonly found: ReadonlyMap<string, Found>;
  /** Names of those that run and did not answer in time: they hang, or the machine is busy. */
  readonly silent: ReadonlySet<string>;
}

/** What the entries of a cluster say; `timeout` ms for each. */
export async function routesNow(machine: Machine, cluster: Cluster, timeout: number): Promise<RoutesNow> {
  const { routes } = topologyNamed(cluster.topology);
  const entries = routes.entries(withLastRoles(machine, cluster));
  const servers = findServers(
    machine,
    entries.map(({ namespace }) => namespace),
  );
  const stateOf = (entry: Node) => processOf(entry, servers.get(entry.namespace));
  const running = entries.filter((entry) => stateOf(entry) === 'running');
  const asked = { machine, cluster, password: loadPassword(machine, cluster.name) };
  const said = await routes.ask(asked, running, timeout);
  const found = entries.map((entry): [string, Found] => {
    const answer = said.get(entry.name) ?? stateOf(entry);
    return [entry.name, isError(answer) ? `unresponsive (${messageOf(answer)})` : answer];
  });
  const silent = entries.map(({ name }) => name).filter((name) => isError(said.get(name)));
  return { entries, found: new Map(found), silent: new Set(silent) };
}
